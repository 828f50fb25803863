# Who may connect to whom. A connection that is not listed here is not possible. EC2 refuses an apostrophe in a description.
locals {
  groups = merge(
    {
      job      = "SageMaker jobs and the instances of endpoints"
      task     = "Workers of Prefect, and the flow runs"
      server   = "Server of Prefect"
      database = "Database of Prefect"
    },
    local.has_endpoints ? { endpoints = "AWS services inside the VPC" } : {},
  )

  connections = merge(
    {
      task_to_server     = { from = "task", to = "server", port = 4200, what = "API of Prefect" }
      server_to_database = { from = "server", to = "database", port = 5432, what = "Database of Prefect" }
    },
    {
      for group in ["job", "task", "server"] :
      "${group}_to_endpoints" => { from = group, to = "endpoints", port = 443, what = "AWS services inside the VPC" } if local.has_endpoints
    },
    { for group in ["job"] : "job_to_job" => { from = group, to = group, port = null, what = "Machines of one distributed job" } if var.distributed_jobs },
  )
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:SageMaker jobs, endpoints, ECS tasks and the database attach them, outside this module
  for_each = local.groups

  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = local.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_vpc_security_group_egress_rule" "connection" {
  for_each = local.connections

  security_group_id            = aws_security_group.this[each.value.from].id
  description                  = each.value.what
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  ip_protocol                  = each.value.port == null ? "-1" : "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  tags                         = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "connection" {
  for_each = local.connections

  security_group_id            = aws_security_group.this[each.value.to].id
  description                  = each.value.what
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  ip_protocol                  = each.value.port == null ? "-1" : "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "to_s3" {
  for_each = toset(["job", "task", "server"])

  security_group_id = aws_security_group.this[each.key].id
  description       = "S3 through its gateway endpoint"
  prefix_list_id    = local.s3_prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}

# Jobs have no route to the internet, and no rule for it.
resource "aws_vpc_security_group_egress_rule" "to_internet" {
  for_each = var.internet == "none" ? [] : toset(["task", "server"])

  security_group_id = aws_security_group.this[each.key].id
  description       = "HTTPS to AWS services without an endpoint in the VPC, and to Prefect Cloud"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}
