mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1f", "us-east-1b", "us-east-1a", "us-east-1c"] }
  }

  mock_data "aws_vpc_endpoint_service" {
    defaults = { availability_zones = ["us-east-1a", "us-east-1c"], vpc_endpoint_policy_supported = true }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_subnet" {
    defaults = { availability_zone = "us-east-1c" }
  }

  override_resource {
    target = aws_subnet.private["us-east-1a"]
    values = { id = "private-a" }
  }

  override_resource {
    target = aws_subnet.private["us-east-1b"]
    values = { id = "private-b" }
  }

  override_resource {
    target = aws_security_group.this["job"]
    values = { id = "job" }
  }

  override_resource {
    target = aws_security_group.this["task"]
    values = { id = "task" }
  }

  override_resource {
    target = aws_security_group.this["server"]
    values = { id = "server" }
  }

  override_resource {
    target = aws_security_group.this["database"]
    values = { id = "database" }
  }

  override_resource {
    target = aws_security_group.this["endpoints"]
    values = { id = "endpoints" }
  }
}

variables {
  name            = "vishwaops-dev"
  account_id      = "111111111111"
  region          = "us-east-1"
  internet        = "nat"
  flow_log_bucket = { name = "dev-logs" }
  tags            = { Owner = "mlops" }
}

run "zones_of_the_account_one_nat_gateway_and_no_connection_that_is_not_listed" {
  assert {
    condition     = { for zone, subnet in aws_subnet.private : zone => subnet.cidr_block } == { us-east-1a = "10.20.0.0/20", us-east-1b = "10.20.16.0/20" }
    error_message = "expected a subnet in each of the first two zones; found ${jsonencode({ for zone, subnet in aws_subnet.private : zone => subnet.cidr_block })}"
  }

  assert {
    condition     = data.aws_availability_zones.this[0].exclude_zone_ids == toset(["use1-az3", "usw1-az2", "cac1-az3"])
    error_message = "expected AWS's oldest zones left out"
  }

  assert {
    condition     = aws_flow_log.this[0].log_destination == "arn:aws:s3:::dev-logs/vpc/" && aws_flow_log.this[0].traffic_type == "ALL"
    error_message = "expected all traffic logged to the log bucket"
  }

  assert {
    condition     = aws_vpc.this[0].tags["Owner"] == "mlops" && aws_vpc.this[0].tags["Name"] == "vishwaops-dev"
    error_message = "expected the tags"
  }

  assert {
    condition     = keys(output.security_group_ids) == ["database", "job", "server", "task"] && length(distinct(values(output.security_group_ids))) == 4
    error_message = "expected four groups; found ${jsonencode(output.security_group_ids)}"
  }

  assert {
    condition = toset([for rule in aws_vpc_security_group_ingress_rule.connection : "${rule.referenced_security_group_id} to ${rule.security_group_id}:${rule.from_port}-${rule.to_port}/${rule.ip_protocol}"]) == toset([
      "task to server:4200-4200/tcp", "server to database:5432-5432/tcp",
    ])
    error_message = "expected Prefect's connections only, and none into a job; found ${jsonencode(keys(aws_vpc_security_group_ingress_rule.connection))}"
  }

  assert {
    condition = toset([for rule in aws_vpc_security_group_egress_rule.connection : "${rule.security_group_id} to ${rule.referenced_security_group_id}:${rule.from_port}"]) == toset([
      "task to server:4200", "server to database:5432",
    ])
    error_message = "expected the same connections from the other side"
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.to_s3 : rule.security_group_id]) == toset(["job", "task", "server"]) && alltrue([for rule in aws_vpc_security_group_egress_rule.to_s3 : rule.from_port == 443 && rule.prefix_list_id != null])
    error_message = "expected S3 by HTTPS for all but the database"
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.to_internet : rule.security_group_id]) == toset(["task", "server"]) && alltrue([for rule in aws_vpc_security_group_egress_rule.to_internet : rule.from_port == 443 && rule.to_port == 443])
    error_message = "expected HTTPS to the internet for Prefect only, never for a job"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && keys(aws_subnet.public) == ["us-east-1a"] && !aws_subnet.public["us-east-1a"].map_public_ip_on_launch
    error_message = "expected one NAT gateway in one public subnet"
  }

  assert {
    condition     = output.task_subnet_ids == output.subnet_ids && !output.public_addresses
    error_message = "expected tasks in the private subnets"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.nat_ports[0].dimensions.NatGatewayId == aws_nat_gateway.this[0].id
    error_message = "expected an alarm on the gateway's ports"
  }
}

run "machines_of_a_distributed_job_connect_only_when_requested" {
  variables {
    distributed_jobs = true
  }

  assert {
    condition     = [for name, rule in aws_vpc_security_group_ingress_rule.connection : "${rule.referenced_security_group_id} to ${rule.security_group_id}/${rule.ip_protocol}" if name == "job_to_job"] == ["job to job/-1"]
    error_message = "expected the job group's traffic with itself"
  }
}

run "public_addresses_need_no_gateway_with_a_price" {
  variables {
    internet = "public_ips"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_eip.nat) == 0 && length(aws_route.private) == 0 && length(aws_vpc_endpoint.interface) == 0
    error_message = "expected neither NAT gateway nor interface endpoint, and no route out for jobs"
  }

  assert {
    condition     = output.public_addresses && toset(output.task_subnet_ids) == toset([for subnet in aws_subnet.public : subnet.id]) && [for subnet in aws_subnet.public : subnet.cidr_block] == ["10.20.240.0/20", "10.20.224.0/20"]
    error_message = "expected tasks in a public subnet of each zone"
  }

  assert {
    condition     = length(aws_vpc_endpoint.s3[0].route_table_ids) == 2
    error_message = "expected S3's gateway endpoint for both route tables"
  }
}

run "without_internet_every_service_has_an_endpoint_that_serves_only_the_account" {
  variables {
    internet            = "none"
    interface_endpoints = ["all"]
  }

  assert {
    condition     = length(aws_internet_gateway.this) == 0 && length(aws_nat_gateway.this) == 0 && length(aws_vpc_security_group_egress_rule.to_internet) == 0
    error_message = "expected no route to the internet"
  }

  assert {
    condition     = alltrue([for service in ["ecr.api", "ecr.dkr", "logs"] : contains(keys(aws_vpc_endpoint.interface), service)])
    error_message = "expected the endpoints by which images are pulled"
  }

  assert {
    condition = { for service in ["ecs", "ec2", "sqs", "ssmmessages", "sagemaker.featurestore-runtime", "sagemaker.experiments"] : service => aws_vpc_endpoint.interface[service].service_name } == {
      "ecs"                            = "com.amazonaws.us-east-1.ecs"
      "ec2"                            = "com.amazonaws.us-east-1.ec2"
      "sqs"                            = "com.amazonaws.us-east-1.sqs"
      "ssmmessages"                    = "com.amazonaws.us-east-1.ssmmessages"
      "sagemaker.featurestore-runtime" = "com.amazonaws.us-east-1.sagemaker.featurestore-runtime"
      "sagemaker.experiments"          = "aws.sagemaker.us-east-1.experiments"
    }
    error_message = "expected the services' full names"
  }

  assert {
    condition     = aws_vpc_endpoint.interface["logs"].subnet_ids == toset(["private-a"])
    error_message = "expected the endpoint only in the zones that the service has; found ${jsonencode(aws_vpc_endpoint.interface["logs"].subnet_ids)}"
  }

  assert {
    condition     = aws_vpc_endpoint.interface["logs"].security_group_ids == toset(["endpoints"]) && toset([for name, rule in aws_vpc_security_group_ingress_rule.connection : rule.referenced_security_group_id if rule.security_group_id == "endpoints"]) == toset(["job", "task", "server"])
    error_message = "expected jobs and Prefect to reach the endpoints"
  }

  assert {
    condition     = jsondecode(aws_vpc_endpoint.interface["sagemaker.api"].policy).Statement[0].Condition == { StringEquals = { "aws:PrincipalAccount" = "111111111111" } }
    error_message = "expected principals of the account only"
  }

  assert {
    condition = { for statement in jsondecode(aws_vpc_endpoint.s3[0].policy).Statement : statement.Sid => [statement.Resource, try(statement.Condition.StringEquals["aws:ResourceAccount"], "")] } == {
      BucketsOfTheAccount = ["*", "111111111111"]
      ListOfBuckets       = ["*", ""]
      LayersOfImages      = ["arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*", ""]
    }
    error_message = "expected the account's buckets, and the bucket of ECR's layers; found ${aws_vpc_endpoint.s3[0].policy}"
  }
}

run "sources_in_another_accounts_bucket_can_be_read" {
  variables {
    source_object_arns = ["arn:aws:s3:::exports/*"]
  }

  assert {
    condition     = [for statement in jsondecode(aws_vpc_endpoint.s3[0].policy).Statement : [statement.Action, statement.Resource] if statement.Sid == "Sources"] == [[["s3:GetObject", "s3:GetObjectVersion"], ["arn:aws:s3:::exports/*"]]]
    error_message = "expected reading of the source's objects, and nothing else; found ${aws_vpc_endpoint.s3[0].policy}"
  }
}

run "a_vpc_that_exists_gets_groups_and_endpoints_only" {
  variables {
    existing            = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"], task_subnet_ids = ["subnet-3"], route_table_ids = ["rtb-1"] }
    interface_endpoints = ["logs"]
  }

  assert {
    condition     = length(aws_vpc.this) + length(aws_subnet.private) + length(aws_subnet.public) + length(aws_route_table.private) + length(aws_nat_gateway.this) + length(aws_flow_log.this) == 0
    error_message = "expected no network of our own"
  }

  assert {
    condition     = output.vpc_id == "vpc-1" && output.subnet_ids == tolist(["subnet-1", "subnet-2"]) && output.task_subnet_ids == tolist(["subnet-3"])
    error_message = "expected the given subnets"
  }

  assert {
    condition     = aws_security_group.this["job"].vpc_id == "vpc-1" && aws_vpc_endpoint.s3[0].route_table_ids == toset(["rtb-1"]) && aws_vpc_endpoint.interface["logs"].subnet_ids == toset(["subnet-1"])
    error_message = "expected groups and endpoints in it, an interface endpoint once in a zone"
  }
}

run "a_vpc_with_a_gateway_endpoint_gets_none" {
  command = plan

  variables {
    existing = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
  }

  assert {
    condition     = length(aws_vpc_endpoint.s3) == 0 && data.aws_prefix_list.s3[0].name == "com.amazonaws.us-east-1.s3"
    error_message = "expected S3's addresses from AWS's prefix list"
  }
}

run "refuses_tasks_that_reach_nothing" {
  command = plan

  variables {
    internet            = "none"
    interface_endpoints = ["ecr.api", "ecr.dkr", "logs"]
  }

  expect_failures = [var.interface_endpoints]
}

run "a_network_of_jobs_alone_needs_no_endpoint" {
  command = plan

  variables {
    internet   = "none"
    runs_tasks = false
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0
    error_message = "expected S3's gateway endpoint only"
  }
}

run "refuses_a_service_that_is_unknown" {
  command = plan

  variables {
    interface_endpoints = ["sagemaker.api", "sagemaker"]
  }

  expect_failures = [var.interface_endpoints]
}

run "refuses_an_endpoint_that_no_zone_of_the_network_has" {
  command = plan

  variables {
    interface_endpoints = ["logs"]
  }

  override_data {
    target = data.aws_vpc_endpoint_service.this["logs"]
    values = { availability_zones = ["us-east-1f"] }
  }

  expect_failures = [aws_vpc_endpoint.interface["logs"]]
}

run "refuses_more_zones_than_the_account_has" {
  command = plan

  variables {
    zones = 5
  }

  expect_failures = [data.aws_availability_zones.this[0]]
}

run "refuses_what_cannot_work" {
  command = plan

  variables {
    cidr     = "10.0.0.0/28"
    zones    = 1
    internet = "proxy"
    existing = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"] }
  }

  expect_failures = [var.cidr, var.zones, var.internet, var.existing]
}

run "refuses_public_addresses_in_private_subnets" {
  command = plan

  variables {
    internet = "public_ips"
    existing = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
  }

  expect_failures = [output.task_subnet_ids]
}
