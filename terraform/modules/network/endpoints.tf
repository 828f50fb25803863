resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private.id]
  tags              = merge(var.tags, { Name = "${var.name}-s3" })
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  tags                = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "AWS services inside the VPC"
  vpc_id      = aws_vpc.this.id
  tags        = merge(var.tags, { Name = "${var.name}-endpoints" })
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id            = aws_security_group.endpoints.id
  description                  = "Jobs, endpoints and tasks"
  referenced_security_group_id = aws_security_group.workload.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

# What SageMaker's jobs and endpoints, and Prefect's tasks, run in.
resource "aws_security_group" "workload" {
  #checkov:skip=CKV2_AWS_5:SageMaker jobs, endpoints and ECS tasks attach it when they start, outside this module
  name        = "${var.name}-workload"
  description = "Jobs, endpoints and tasks"
  vpc_id      = aws_vpc.this.id
  tags        = merge(var.tags, { Name = "${var.name}-workload" })
}

resource "aws_vpc_security_group_egress_rule" "to_endpoints" {
  security_group_id            = aws_security_group.workload.id
  description                  = "AWS services inside the VPC"
  referenced_security_group_id = aws_security_group.endpoints.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "to_s3" {
  security_group_id = aws_security_group.workload.id
  description       = "S3 through its gateway endpoint"
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}

# The instances of a distributed training job connect to each other.
resource "aws_vpc_security_group_ingress_rule" "workload_itself" {
  security_group_id            = aws_security_group.workload.id
  description                  = "Machines of one distributed job, and the worker to Prefect's server"
  referenced_security_group_id = aws_security_group.workload.id
  ip_protocol                  = "-1"
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "workload_itself" {
  security_group_id            = aws_security_group.workload.id
  description                  = "Machines of one distributed job, and the worker to Prefect's server"
  referenced_security_group_id = aws_security_group.workload.id
  ip_protocol                  = "-1"
  tags                         = var.tags
}
