terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = merge(var.tags, {
      "tsts-fleet"     = var.name
      "tsts-ttl-hours" = tostring(var.ttl_hours)
    })
  }
}
