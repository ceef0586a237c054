variable "name" {
  description = "What everything is called, and the first part of the hosts' names."
  type        = string
  default     = "tsts"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.name))
    error_message = "Write a-z, 0-9 and -, at most 31 characters, a letter first: it becomes part of host names."
  }
}

variable "region" {
  description = "Where the hosts stand, e.g. eu-central-1."
  type        = string
}

variable "hosts" {
  description = "How many hosts."
  type        = number
  default     = 2

  validation {
    condition     = var.hosts >= 1 && var.hosts <= 200 && floor(var.hosts) == var.hosts
    error_message = "From 1 to 200 hosts; more would need larger subnets and a raised quota."
  }
}

variable "ttl_hours" {
  description = "A host ends itself, and is terminated, so many hours after its first start."
  type        = number
  default     = 4

  validation {
    condition     = var.ttl_hours >= 1 && var.ttl_hours <= 72 && floor(var.ttl_hours) == var.ttl_hours
    error_message = "From 1 to 72 whole hours."
  }
}

variable "instance_type" {
  description = "One without CPU credits (not t2, t3, t4g): a host that runs out of them spoils a run."
  type        = string
  default     = "c7i.xlarge"

  validation {
    condition     = !can(regex("^t[0-9]", var.instance_type))
    error_message = "Types t2, t3 and t4g have CPU credits: when they are used up the load is not delivered."
  }
}

variable "architecture" {
  description = "Of the instance type: amd64 or arm64."
  type        = string
  default     = "amd64"

  validation {
    condition     = contains(["amd64", "arm64"], var.architecture)
    error_message = "Write amd64 or arm64."
  }
}

variable "ssh_public_key" {
  description = "Text of the public key with which the controller logs in."
  type        = string
}

variable "ssh_from" {
  description = "Networks from which SSH is let in: that of the controller, e.g. [\"203.0.113.7/32\"]."
  type        = list(string)

  validation {
    condition     = length(var.ssh_from) > 0 && !contains(var.ssh_from, "0.0.0.0/0")
    error_message = "Name the controller's network; the whole world is not let in."
  }
}

variable "zones" {
  description = "Over how many availability zones the hosts are spread; 1 keeps traffic among them free."
  type        = number
  default     = 1

  validation {
    condition     = var.zones >= 1 && var.zones <= 3 && floor(var.zones) == var.zones
    error_message = "From 1 to 3 zones."
  }
}

variable "disk_gb" {
  description = "Size of each host's disk."
  type        = number
  default     = 10
}

variable "tags" {
  description = "Put on everything, for your bill."
  type        = map(string)
  default     = {}
}
