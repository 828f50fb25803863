data "aws_partition" "current" {}

locals {
  new = var.existing == null ? 1 : 0
  # One private subnet in each zone. Sorted names, so that a zone that AWS adds later moves no subnet.
  zones = { for index, zone in try(slice(sort(data.aws_availability_zones.this[0].names), 0, var.zones), []) : zone => index }

  vpc_id          = var.existing == null ? aws_vpc.this[0].id : var.existing.vpc_id
  private_subnets = var.existing == null ? [for zone in sort(keys(local.zones)) : aws_subnet.private[zone].id] : var.existing.subnet_ids
  task_subnets = (
    var.existing != null ? coalesce(var.existing.task_subnet_ids, var.existing.subnet_ids) :
    var.internet == "public_ips" ? [for zone in sort(keys(local.zones)) : aws_subnet.public[zone].id] : local.private_subnets
  )
  route_table_ids = var.existing == null ? concat([aws_route_table.private[0].id], aws_route_table.public[*].id) : tolist(var.existing.route_table_ids)
}

data "aws_availability_zones" "this" {
  #checkov:skip=CKV_AWS_394:The names are sorted and cut to var.zones, so that a zone that AWS adds changes nothing
  count = local.new

  exclude_zone_ids = var.excluded_zone_ids

  filter {
    name   = "zone-type"
    values = ["availability-zone"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.names) >= var.zones
      error_message = "zones: expected at most ${length(self.names)}, the account's availability zones in this region without excluded_zone_ids; found ${var.zones}."
    }
  }
}

resource "aws_vpc" "this" {
  count = local.new

  cidr_block           = var.cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = merge(var.tags, { Name = var.name })
}

# The VPC's default security group allows no traffic, so that nothing uses it by accident.
resource "aws_default_security_group" "this" {
  count = local.new

  vpc_id = aws_vpc.this[0].id
  tags   = merge(var.tags, { Name = "${var.name}-unused" })
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 4, each.value)
  tags              = merge(var.tags, { Name = "${var.name}-private-${each.key}" })
}

resource "aws_route_table" "private" {
  count = local.new

  vpc_id = aws_vpc.this[0].id
  tags   = merge(var.tags, { Name = "${var.name}-private" })
}

resource "aws_route_table_association" "private" {
  for_each = local.zones

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[0].id
}

resource "aws_flow_log" "this" {
  count = var.flow_log_bucket == null ? 0 : local.new

  vpc_id               = aws_vpc.this[0].id
  traffic_type         = "ALL"
  log_destination_type = "s3"
  log_destination      = "arn:${data.aws_partition.current.partition}:s3:::${var.flow_log_bucket.name}/vpc/"
  tags                 = merge(var.tags, { Name = var.name })
}
