# A network of its own, hosts in it, and a timer in each host that ends it. Nothing here costs money while there is no
# host: no NAT gateway, no elastic address, no volume that outlives its host.

locals {
  network = "10.42.0.0/16"
  user    = "admin" # of Debian's images
  names   = [for number in range(1, var.hosts + 1) : format("%s-%d", var.name, number)]
}

data "aws_availability_zones" "open" {
  state = "available"
}

# Debian's own image of the day. Source: wiki.debian.org/Cloud/AmazonEC2Image
data "aws_ssm_parameter" "debian" {
  name = "/aws/service/debian/release/12/latest/${var.architecture}"
}

resource "aws_vpc" "fleet" {
  cidr_block           = local.network
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

resource "aws_internet_gateway" "fleet" {
  vpc_id = aws_vpc.fleet.id
  tags   = { Name = var.name }
}

resource "aws_subnet" "fleet" {
  count                   = var.zones
  vpc_id                  = aws_vpc.fleet.id
  availability_zone       = data.aws_availability_zones.open.names[count.index]
  cidr_block              = cidrsubnet(local.network, 4, count.index)
  map_public_ip_on_launch = true
  tags                    = { Name = "${var.name}-${count.index + 1}" }
}

resource "aws_route_table" "fleet" {
  vpc_id = aws_vpc.fleet.id
  tags   = { Name = var.name }

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.fleet.id
  }
}

resource "aws_route_table_association" "fleet" {
  count          = var.zones
  subnet_id      = aws_subnet.fleet[count.index].id
  route_table_id = aws_route_table.fleet.id
}

resource "aws_security_group" "fleet" {
  name_prefix = "${var.name}-"
  description = "SSH from the controller, everything among the hosts, everything out"
  vpc_id      = aws_vpc.fleet.id
  tags        = { Name = var.name }

  ingress {
    description = "SSH from the controller"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.ssh_from
  }

  # tsts run --spread: hosts give files to each other.
  ingress {
    description = "Among the hosts"
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    self        = true
  }

  egress {
    description = "To the target"
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_key_pair" "controller" {
  key_name_prefix = "${var.name}-"
  public_key      = var.ssh_public_key
}

resource "aws_instance" "host" {
  for_each = { for index, name in local.names : name => index }

  ami                         = data.aws_ssm_parameter.debian.insecure_value
  instance_type               = var.instance_type
  key_name                    = aws_key_pair.controller.key_name
  subnet_id                   = aws_subnet.fleet[each.value % var.zones].id
  vpc_security_group_ids      = [aws_security_group.fleet.id]
  associate_public_ip_address = true

  # A host that shuts itself down is gone, its disk and its bill with it.
  instance_initiated_shutdown_behavior = "terminate"
  user_data_replace_on_change          = true
  user_data = templatefile("${path.module}/user-data.sh.tftpl", {
    name      = each.key
    ttl_hours = var.ttl_hours
  })

  root_block_device {
    volume_type           = "gp3"
    volume_size           = var.disk_gb
    delete_on_termination = true
  }

  metadata_options {
    http_tokens = "required"
  }

  tags        = { Name = each.key }
  volume_tags = { Name = each.key, "tsts-fleet" = var.name }

  lifecycle {
    # Debian's image of another day does not replace the hosts of a run.
    ignore_changes = [ami]
  }
}
