# The internet, for ECS tasks only: with public addresses (no hourly price for a gateway), or through one NAT gateway.
locals {
  internet     = var.internet == "none" ? 0 : local.new
  nat          = var.internet == "nat" ? local.new : 0
  public_zones = local.internet == 0 ? {} : var.internet == "nat" ? { for zone, index in local.zones : zone => index if index == 0 } : local.zones
}

resource "aws_internet_gateway" "this" {
  count = local.internet

  vpc_id = aws_vpc.this[0].id
  tags   = merge(var.tags, { Name = var.name })
}

resource "aws_subnet" "public" {
  for_each = local.public_zones

  vpc_id                  = aws_vpc.this[0].id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.cidr, 4, 15 - each.value)
  map_public_ip_on_launch = false
  tags                    = merge(var.tags, { Name = "${var.name}-public-${each.key}" })
}

resource "aws_route_table" "public" {
  count = local.internet

  vpc_id = aws_vpc.this[0].id
  tags   = merge(var.tags, { Name = "${var.name}-public" })
}

resource "aws_route" "public" {
  count = local.internet

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  for_each = local.public_zones

  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public[0].id
}

resource "aws_eip" "nat" {
  count = local.nat

  domain = "vpc"
  tags   = merge(var.tags, { Name = "${var.name}-nat" })
}

resource "aws_nat_gateway" "this" {
  count = local.nat

  allocation_id = aws_eip.nat[0].id
  subnet_id     = one(values(aws_subnet.public)[*].id)
  tags          = merge(var.tags, { Name = var.name })

  depends_on = [aws_internet_gateway.this]
}

resource "aws_route" "private" {
  count = local.nat

  route_table_id         = aws_route_table.private[0].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[0].id
}

resource "aws_cloudwatch_metric_alarm" "nat_ports" {
  count = local.nat

  alarm_name          = "${var.name}-nat-gateway-ports"
  alarm_description   = "The NAT gateway has no free port for a new connection: connections fail. Runbook: terraform/runbook.md#nat-gateway-ports"
  namespace           = "AWS/NATGateway"
  metric_name         = "ErrorPortAllocation"
  dimensions          = { NatGatewayId = aws_nat_gateway.this[0].id }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alert_topic_arns
  ok_actions          = var.alert_topic_arns
  tags                = var.tags
}
