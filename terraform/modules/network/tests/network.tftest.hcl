mock_provider "aws" {}

variables {
  name            = "vishwaops-dev"
  region          = "us-east-1"
  flow_log_bucket = { name = "dev-logs" }
  tags            = { Owner = "mlops" }
}

run "private_subnets_and_endpoints_without_internet" {
  command = plan

  assert {
    condition     = [for subnet in aws_subnet.private : subnet.cidr_block] == ["10.20.0.0/20", "10.20.16.0/20"]
    error_message = "expected a subnet in each zone; found ${jsonencode([for subnet in aws_subnet.private : subnet.cidr_block])}"
  }

  assert {
    condition     = length(setsubtract(["sagemaker.api", "sagemaker.runtime", "ecr.api", "ecr.dkr", "logs", "sts", "kms"], keys(aws_vpc_endpoint.interface))) == 0
    error_message = "expected endpoints for what jobs call; found ${join(", ", keys(aws_vpc_endpoint.interface))}"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_internet_gateway.this) == 0 && length(aws_vpc_security_group_egress_rule.to_internet) == 0
    error_message = "expected no route to the internet"
  }

  assert {
    condition     = aws_flow_log.this[0].log_destination == "arn:aws:s3:::dev-logs/vpc/" && aws_flow_log.this[0].traffic_type == "ALL"
    error_message = "expected all traffic logged to the log bucket"
  }

  assert {
    condition     = aws_vpc.this.tags["Owner"] == "mlops" && aws_vpc.this.tags["Name"] == "vishwaops-dev"
    error_message = "expected the tags"
  }
}

run "a_nat_gateway_only_when_requested" {
  command = plan

  variables {
    internet = true
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && aws_vpc_security_group_egress_rule.to_internet[0].from_port == 443
    error_message = "expected one NAT gateway, and HTTPS only"
  }

  assert {
    condition     = !aws_subnet.public[0].map_public_ip_on_launch
    error_message = "expected no instance with a public address"
  }
}

run "refuses_a_network_that_is_too_small" {
  command = plan

  variables {
    cidr = "10.0.0.0/28"
  }

  expect_failures = [var.cidr]
}

run "refuses_a_single_zone" {
  command = plan

  variables {
    zones = ["a"]
  }

  expect_failures = [var.zones]
}
