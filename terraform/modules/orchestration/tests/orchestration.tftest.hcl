mock_provider "aws" {
  mock_resource "aws_db_instance" {
    defaults = {
      address            = "db.internal"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:111111111111:secret:rds!db-mock" }]
    }
  }

  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:us-east-1:111111111111:cluster/vishwaops-dev" }
  }

  mock_resource "aws_service_discovery_service" {
    defaults = { arn = "arn:aws:servicediscovery:us-east-1:111111111111:service/mock" }
  }

  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:us-east-1:111111111111:task-definition/mock:1" }
  }
}

variables {
  name                = "vishwaops-dev"
  region              = "us-east-1"
  vpc_id              = "vpc-1"
  subnet_ids          = ["subnet-1", "subnet-2"]
  security_group_id   = "sg-1"
  image               = "111111111111.dkr.ecr.us-east-1.amazonaws.com/vishwaops-dev:0.1.0"
  prefect             = { kind = "self_hosted" }
  worker_role_arn     = "arn:aws:iam::111111111111:role/worker"
  execution_role_arn  = "arn:aws:iam::111111111111:role/execution"
  monitoring_role_arn = "arn:aws:iam::111111111111:role/monitoring"
  kms_key_arn         = "arn:aws:kms:us-east-1:111111111111:key/operations"
  tags                = { Owner = "mlops" }
}

run "a_self_hosted_server_has_a_private_encrypted_database" {
  assert {
    condition     = aws_db_instance.this[0].storage_encrypted && !aws_db_instance.this[0].publicly_accessible && aws_db_instance.this[0].multi_az && aws_db_instance.this[0].deletion_protection
    error_message = "expected a database that is encrypted, private, has a standby and can't be destroyed by accident"
  }

  assert {
    condition     = aws_db_instance.this[0].manage_master_user_password && aws_db_instance.this[0].password == null
    error_message = "expected RDS to keep the password, not Terraform's state"
  }

  assert {
    condition     = output.api_url == "http://prefect.vishwaops-dev.internal:4200/api"
    error_message = "expected the server's name inside the VPC; found ${output.api_url}"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.server[0].container_definitions)[0].secrets[0].valueFrom == "arn:aws:secretsmanager:us-east-1:111111111111:secret:rds!db-mock:password::"
    error_message = "expected the password from the secret that RDS manages"
  }

  assert {
    condition     = output.work_pool.family == "vishwaops-dev-flow" && output.work_pool.network_configuration.assignPublicIp == "DISABLED"
    error_message = "expected flow runs in their own family, without public addresses"
  }
}

run "prefect_cloud_needs_no_database" {
  variables {
    prefect = { kind = "cloud", api_url = "https://api.prefect.cloud/api/accounts/a/workspaces/w" }
  }

  assert {
    condition     = length(aws_db_instance.this) == 0 && length(aws_ecs_service.server) == 0
    error_message = "expected neither database nor server"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].secrets[0].name == "PREFECT_API_KEY"
    error_message = "expected the API key from Secrets Manager"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].readonlyRootFilesystem && !aws_ecs_service.worker.network_configuration[0].assign_public_ip
    error_message = "expected a read-only container without a public address"
  }
}

run "refuses_a_mutable_image_tag" {
  command = plan

  variables {
    image = "111111111111.dkr.ecr.us-east-1.amazonaws.com/vishwaops-dev:latest"
  }

  expect_failures = [var.image]
}

run "refuses_cloud_without_a_workspace" {
  command = plan

  variables {
    prefect = { kind = "cloud" }
  }

  expect_failures = [var.prefect]
}

run "refuses_a_database_without_backups_in_one_zone" {
  command = plan

  variables {
    database             = { backup_days = 0 }
    subnet_ids           = ["subnet-1"]
    worker               = { minimum = 3, maximum = 1 }
    secret_recovery_days = 3
  }

  expect_failures = [var.database, var.subnet_ids, var.worker, var.secret_recovery_days]
}
