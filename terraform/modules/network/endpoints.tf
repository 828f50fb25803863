locals {
  # What Prefect's worker, server and flow runs call. Without a route to the internet each needs its endpoint.
  task_services = [
    "ec2", "ecr.api", "ecr.dkr", "ecs", "kms", "logs", "monitoring", "sagemaker.api", "sagemaker.runtime", "secretsmanager",
    "sqs", "ssm", "ssmmessages", "sts",
  ]
  # What only some environments call: the Feature Store, MLflow, a runner of CI inside the VPC, and scripts of use cases.
  other_services = ["events", "sagemaker.experiments", "sagemaker.featurestore-runtime", "sns"]

  # MLflow's service is the only one whose name does not begin with com.amazonaws.
  service_names = {
    for service in concat(local.task_services, local.other_services) :
    service => service == "sagemaker.experiments" ? "aws.sagemaker.${var.region}.experiments" : "com.amazonaws.${var.region}.${service}"
  }
  interface_endpoints = contains(var.interface_endpoints, "all") ? keys(local.service_names) : var.interface_endpoints
  has_endpoints       = length(local.interface_endpoints) > 0
  gateway             = length(local.route_table_ids) > 0 ? 1 : 0
  s3_prefix_list_id   = local.gateway == 1 ? aws_vpc_endpoint.s3[0].prefix_list_id : data.aws_prefix_list.s3[0].id

  # One private subnet of each zone, because an endpoint has one in a zone.
  subnet_of_zone = merge(
    { for zone, subnet in aws_subnet.private : zone => subnet.id },
    { for zone, ids in { for id, subnet in data.aws_subnet.existing : subnet.availability_zone => id... } : zone => sort(ids)[0] },
  )

  source_policy = [
    for objects in [var.source_object_arns] :
    { Sid = "Sources", Effect = "Allow", Principal = "*", Action = ["s3:GetObject", "s3:GetObjectVersion"], Resource = objects } if length(objects) > 0
  ]

  account_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "PrincipalsOfTheAccount"
        Effect    = "Allow"
        Principal = "*"
        Action    = "*"
        Resource  = "*"
        Condition = { StringEquals = { "aws:PrincipalAccount" = var.account_id } }
      },
      {
        # A runner of CI inside the VPC: the caller is nobody's principal yet.
        Sid       = "SignInToRolesOfTheAccount"
        Effect    = "Allow"
        Principal = "*"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Resource  = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:role/*"
      },
    ]
  })
}

data "aws_subnet" "existing" {
  for_each = toset(var.existing == null ? [] : var.existing.subnet_ids)

  id = each.key
}

data "aws_prefix_list" "s3" {
  count = 1 - local.gateway

  name = "com.amazonaws.${var.region}.s3"
}

data "aws_vpc_endpoint_service" "this" {
  for_each = toset(local.interface_endpoints)

  service_name = local.service_names[each.key]
}

# No object leaves through it to a bucket of another account. ECR keeps the layers of images in a bucket of AWS.
resource "aws_vpc_endpoint" "s3" {
  count = local.gateway

  vpc_id            = local.vpc_id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = local.route_table_ids
  tags              = merge(var.tags, { Name = "${var.name}-s3" })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.source_policy, [
      {
        Sid       = "BucketsOfTheAccount"
        Effect    = "Allow"
        Principal = "*"
        Action    = ["s3:AbortMultipartUpload", "s3:DeleteObject*", "s3:Get*", "s3:List*", "s3:Put*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:ResourceAccount" = var.account_id } }
      },
      {
        # It names no bucket, so that no bucket's account can be compared.
        Sid       = "ListOfBuckets"
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:ListAllMyBuckets"
        Resource  = "*"
        Condition = { StringEquals = { "aws:PrincipalAccount" = var.account_id } }
      },
      {
        Sid       = "LayersOfImages"
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "arn:${data.aws_partition.current.partition}:s3:::prod-${var.region}-starport-layer-bucket/*"
      },
    ])
  })
}

# Only for principals of this account: nobody sends data out with the keys of another account.
resource "aws_vpc_endpoint" "interface" {
  for_each = toset(local.interface_endpoints)

  vpc_id              = local.vpc_id
  service_name        = local.service_names[each.key]
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for zone, id in local.subnet_of_zone : id if contains(data.aws_vpc_endpoint_service.this[each.key].availability_zones, zone)]
  security_group_ids  = [aws_security_group.this["endpoints"].id]
  policy              = data.aws_vpc_endpoint_service.this[each.key].vpc_endpoint_policy_supported ? local.account_policy : null
  tags                = merge(var.tags, { Name = "${var.name}-${each.key}" })

  lifecycle {
    precondition {
      condition     = length(setintersection(keys(local.subnet_of_zone), data.aws_vpc_endpoint_service.this[each.key].availability_zones)) > 0
      error_message = "interface_endpoints: expected ${each.key} in one of the zones ${join(", ", keys(local.subnet_of_zone))}; AWS offers it in ${join(", ", data.aws_vpc_endpoint_service.this[each.key].availability_zones)}. Exclude a zone by excluded_zone_ids."
    }
  }
}
