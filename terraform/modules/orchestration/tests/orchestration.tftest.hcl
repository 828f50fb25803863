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

  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:111111111111:secret:credential" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:111111111111:mock" }
  }

  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:us-east-1:111111111111:rule/mock" }
  }

  mock_data "aws_secretsmanager_secret_versions" {
    defaults = { versions = [{ version_id = "1", version_stages = ["AWSCURRENT"] }] }
  }
}

variables {
  name   = "vishwaops-dev"
  region = "us-east-1"
  network = {
    vpc_id             = "vpc-1"
    subnet_ids         = ["private-1", "private-2"]
    task_subnet_ids    = ["public-1", "public-2"]
    public_addresses   = true
    security_group_ids = { job = "sg-job", task = "sg-task", server = "sg-server", database = "sg-database" }
  }
  image_repository    = "111111111111.dkr.ecr.us-east-1.amazonaws.com/vishwaops-dev"
  image_tag           = "0.1.0"
  prefect             = { kind = "self_hosted" }
  worker              = { count = 2 }
  events_environment  = "dev"
  metric_namespace    = "vishwaops/dev"
  alert_topic_arns    = ["arn:aws:sns:us-east-1:111111111111:alerts"]
  worker_role_arn     = "arn:aws:iam::111111111111:role/worker"
  server_role_arn     = "arn:aws:iam::111111111111:role/server"
  execution_role_arn  = "arn:aws:iam::111111111111:role/execution"
  monitoring_role_arn = "arn:aws:iam::111111111111:role/monitoring"
  kms_key_arn         = "arn:aws:kms:us-east-1:111111111111:key/operations"
  tags                = { Owner = "mlops" }
}

run "a_self_hosted_server_with_a_private_database_its_worker_flow_runs_and_alarms" {
  assert {
    condition     = aws_db_instance.this[0].storage_encrypted && !aws_db_instance.this[0].publicly_accessible && aws_db_instance.this[0].multi_az && aws_db_instance.this[0].deletion_protection
    error_message = "expected a database that is encrypted, private, has a standby and can't be destroyed by accident"
  }

  assert {
    condition     = aws_db_instance.this[0].manage_master_user_password && aws_db_instance.this[0].password == null
    error_message = "expected RDS to keep the password, not Terraform's state"
  }

  assert {
    condition     = aws_db_instance.this[0].vpc_security_group_ids == toset(["sg-database"]) && aws_db_subnet_group.this[0].subnet_ids == toset(["private-1", "private-2"])
    error_message = "expected the database in the private subnets, in its own security group"
  }

  assert {
    condition     = { for log, group in aws_cloudwatch_log_group.database : group.name => group.retention_in_days } == { "/aws/rds/instance/vishwaops-dev-prefect/postgresql" = 365, "/aws/rds/instance/vishwaops-dev-prefect/upgrade" = 365 } && alltrue([for log in aws_cloudwatch_log_group.database : log.kms_key_id == var.kms_key_arn])
    error_message = "expected the database's log groups with expiry and key"
  }

  assert {
    condition     = output.api_url == "http://prefect.vishwaops-dev.internal:4200/api"
    error_message = "expected the server's name inside the VPC; found ${output.api_url}"
  }

  assert {
    condition = { for secret in jsondecode(aws_ecs_task_definition.server[0].container_definitions)[0].secrets : secret.name => secret.valueFrom } == {
      PREFECT_SERVER_DATABASE_PASSWORD = "arn:aws:secretsmanager:us-east-1:111111111111:secret:rds!db-mock:password::"
      PREFECT_SERVER_API_AUTH_STRING   = "arn:aws:secretsmanager:us-east-1:111111111111:secret:credential"
    }
    error_message = "expected the database's password and the authentication string"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].secrets == [{ name = "PREFECT_API_AUTH_STRING", valueFrom = "arn:aws:secretsmanager:us-east-1:111111111111:secret:credential" }]
    error_message = "expected the worker to prove itself with the authentication string"
  }

  assert {
    condition     = output.credential.parameter == "auth_string_secret" && aws_secretsmanager_secret.credential.name == "vishwaops-dev/prefect-auth-string"
    error_message = "expected a secret for the authentication string"
  }

  assert {
    condition     = aws_ecs_service.worker.network_configuration[0].security_groups == toset(["sg-task"]) && aws_ecs_service.server[0].network_configuration[0].security_groups == toset(["sg-server"])
    error_message = "expected the worker in the group task, the server in the group server"
  }

  assert {
    condition     = alltrue([for service in [aws_ecs_service.worker, aws_ecs_service.server[0]] : service.network_configuration[0].subnets == toset(["public-1", "public-2"]) && service.network_configuration[0].assign_public_ip])
    error_message = "expected tasks in the tasks' subnets with public addresses, as the network says"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].readonlyRootFilesystem && jsondecode(aws_ecs_task_definition.server[0].container_definitions)[0].readonlyRootFilesystem
    error_message = "expected read-only containers"
  }

  assert {
    condition     = !aws_ecs_service.server[0].enable_execute_command && aws_ecs_task_definition.server[0].task_role_arn == null && length(aws_cloudwatch_log_group.insights) == 0
    error_message = "expected no role and no session"
  }

  assert {
    condition     = output.work_pool.family == "vishwaops-dev-flow" && output.flow_family == output.work_pool.family
    error_message = "expected the family of flow runs in the pool's values; found ${output.work_pool.family}"
  }

  assert {
    condition     = output.work_pool.network_configuration == { subnets = tolist(["public-1", "public-2"]), securityGroups = ["sg-task"], assignPublicIp = "ENABLED" }
    error_message = "expected flow runs in the tasks' network; found ${jsonencode(output.work_pool.network_configuration)}"
  }

  assert {
    condition     = output.work_pool.prefect_api_auth_string_secret_arn == "arn:aws:secretsmanager:us-east-1:111111111111:secret:credential" && output.work_pool.prefect_api_key_secret_arn == null
    error_message = "expected the authentication string as the flow runs' secret"
  }

  assert {
    condition     = output.work_pool.launch_type == "FARGATE" && output.work_pool.runtime_platform.cpuArchitecture == "X86_64" && output.work_pool.cloudwatch_logs_options["awslogs-create-group"] == "false"
    error_message = "expected Fargate, X86_64, and the log group that exists"
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.task_events.event_pattern) == { source = ["aws.ecs"], detail-type = ["ECS Task State Change"], detail = { clusterArn = ["arn:aws:ecs:us-east-1:111111111111:cluster/vishwaops-dev"], group = ["family:vishwaops-dev-flow"] } }
    error_message = "expected the flow runs' tasks of this cluster; found ${aws_cloudwatch_event_rule.task_events.event_pattern}"
  }

  assert {
    condition     = contains(jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].environment, { name = "PREFECT_INTEGRATIONS_AWS_ECS_OBSERVER_SQS_QUEUE_NAME", value = "vishwaops-dev-ecs-tasks" })
    error_message = "expected the worker to know its queue"
  }

  assert {
    condition     = [for container in jsondecode(aws_ecs_task_definition.worker.container_definitions) : [container.name, container.essential]] == [["worker", true], ["events", false]]
    error_message = "expected a container for events, whose end does not end the worker"
  }

  assert {
    condition = { for variable in jsondecode(aws_ecs_task_definition.worker.container_definitions)[1].environment : variable.name => variable.value if contains(["AWS_REGION", "PREFECT_API_URL", "VISHWAOPS_ENVIRONMENT"], variable.name) } == {
      AWS_REGION            = "us-east-1"
      PREFECT_API_URL       = "http://prefect.vishwaops-dev.internal:4200/api"
      VISHWAOPS_ENVIRONMENT = "dev"
    }
    error_message = "expected the environment and its server; found ${aws_ecs_task_definition.worker.container_definitions}"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[1].secrets == jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].secrets && jsondecode(aws_ecs_task_definition.worker.container_definitions)[1].restartPolicy.enabled
    error_message = "expected the worker's credential, and another start after an end"
  }

  assert {
    condition     = aws_cloudwatch_event_target.task_events.arn == aws_sqs_queue.task_events.arn && jsondecode(aws_sqs_queue_policy.task_events.policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == aws_cloudwatch_event_rule.task_events.arn
    error_message = "expected the rule, and no other sender, to fill the queue"
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.task_events.redrive_policy).maxReceiveCount == 5 && aws_sqs_queue.task_events.message_retention_seconds == 86400 && aws_sqs_queue.task_events.sqs_managed_sse_enabled
    error_message = "expected dead letters, an age limit and encryption"
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == ["database-cpu", "database-storage", "ecs-events-not-read", "flow-runs-failed", "server-tasks", "worker-tasks"]
    error_message = "expected an alarm for tasks, database, flow runs and events; found ${join(", ", keys(aws_cloudwatch_metric_alarm.this))}"
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : can(regex(" Runbook: terraform/runbook.md#[a-z-]+$", alarm.alarm_description)) && alarm.alarm_actions == toset(var.alert_topic_arns)])
    error_message = "expected each alarm to name its paragraph in the runbook"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["database-storage"].threshold == 4 * 1024 * 1024 * 1024 && aws_cloudwatch_metric_alarm.this["worker-tasks"].treat_missing_data == "breaching"
    error_message = "expected a fifth of 20 GB, and a missing report of a task to count"
  }

  assert {
    condition     = aws_cloudwatch_log_metric_filter.failed_runs.metric_transformation[0].name == aws_cloudwatch_metric_alarm.this["flow-runs-failed"].metric_name && aws_cloudwatch_log_metric_filter.failed_runs.metric_transformation[0].namespace == aws_cloudwatch_metric_alarm.this["flow-runs-failed"].namespace
    error_message = "expected the alarm on the metric of the log filter"
  }

  assert {
    condition     = aws_ecs_service.worker.desired_count == 2 && aws_ecs_service.server[0].desired_count == 1 && aws_ecs_service.server[0].wait_for_steady_state
    error_message = "expected two workers and a server that answers before a worker starts"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].image == "111111111111.dkr.ecr.us-east-1.amazonaws.com/vishwaops-dev:0.1.0"
    error_message = "expected the image by its tag"
  }
}

run "no_task_runs_before_an_image_exists" {
  variables {
    image_tag = null
  }

  assert {
    condition     = aws_ecs_service.worker.desired_count == 0 && aws_ecs_service.server[0].desired_count == 0 && !aws_ecs_service.server[0].wait_for_steady_state
    error_message = "expected no task"
  }

  assert {
    condition     = length(data.aws_secretsmanager_secret_versions.credential) == 0 && !anytrue([for name in keys(aws_cloudwatch_metric_alarm.this) : endswith(name, "-tasks")])
    error_message = "expected neither a look at the secret nor an alarm on tasks"
  }
}

run "refuses_to_start_without_the_secrets_value" {
  command = plan

  override_data {
    target = data.aws_secretsmanager_secret_versions.credential[0]
    values = { versions = [] }
  }

  expect_failures = [aws_ecs_service.server[0]]
}

run "prefect_cloud_needs_no_database" {
  variables {
    prefect            = { kind = "cloud", api_url = "https://api.prefect.cloud/api/accounts/a/workspaces/w" }
    events_environment = null
  }

  assert {
    condition     = length(aws_db_instance.this) == 0 && length(aws_ecs_service.server) == 0 && length(aws_cloudwatch_log_group.database) == 0
    error_message = "expected neither database nor server"
  }

  assert {
    condition     = length(jsondecode(aws_ecs_task_definition.worker.container_definitions)) == 1
    error_message = "expected no container for events that the webhook gets"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].secrets[0].name == "PREFECT_API_KEY" && output.credential.parameter == "api_key_secret" && output.work_pool.prefect_api_auth_string_secret_arn == null
    error_message = "expected the API key from Secrets Manager"
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == ["ecs-events-not-read", "flow-runs-failed", "worker-tasks"]
    error_message = "expected no alarm on a server or a database; found ${join(", ", keys(aws_cloudwatch_metric_alarm.this))}"
  }
}

run "spot_and_arm_where_requested" {
  variables {
    spot         = ["worker", "flow_runs"]
    architecture = "ARM64"
  }

  assert {
    condition     = one(aws_ecs_service.worker.capacity_provider_strategy).capacity_provider == "FARGATE_SPOT" && aws_ecs_service.server[0].launch_type == "FARGATE" && length(aws_ecs_service.server[0].capacity_provider_strategy) == 0
    error_message = "expected the worker on Spot, the server not"
  }

  assert {
    condition     = output.work_pool.launch_type == "FARGATE_SPOT" && contains(aws_ecs_cluster_capacity_providers.this[0].capacity_providers, "FARGATE_SPOT")
    error_message = "expected flow runs on Spot, and the cluster to offer it"
  }

  assert {
    condition     = alltrue([for definition in [aws_ecs_task_definition.worker, aws_ecs_task_definition.server[0]] : definition.runtime_platform[0].cpu_architecture == "ARM64"]) && output.work_pool.runtime_platform.cpuArchitecture == "ARM64"
    error_message = "expected one processor for all three"
  }
}

run "a_session_reaches_the_server_only_when_requested" {
  variables {
    execute_command    = true
    container_insights = true
  }

  assert {
    condition     = aws_ecs_service.server[0].enable_execute_command && aws_ecs_task_definition.server[0].task_role_arn == var.server_role_arn && aws_ecs_service.worker.enable_execute_command != true
    error_message = "expected sessions to the server in its own role, and none to the worker"
  }

  assert {
    condition     = !jsondecode(aws_ecs_task_definition.server[0].container_definitions)[0].readonlyRootFilesystem
    error_message = "expected a root file system that the agent can write to"
  }

  assert {
    condition     = aws_cloudwatch_log_group.insights[0].name == "/aws/ecs/containerinsights/vishwaops-dev/performance" && aws_cloudwatch_log_group.insights[0].retention_in_days == 365
    error_message = "expected Container Insights' log group with expiry"
  }
}

run "refuses_sessions_without_a_role" {
  command = plan

  variables {
    execute_command = true
    server_role_arn = null
  }

  expect_failures = [var.execute_command]
}

run "refuses_a_mutable_image_tag" {
  command = plan

  variables {
    image_tag = "latest"
  }

  expect_failures = [var.image_tag]
}

run "refuses_cloud_without_a_workspace" {
  command = plan

  variables {
    prefect = { kind = "cloud" }
  }

  expect_failures = [var.prefect]
}

run "refuses_what_cannot_work" {
  command = plan

  variables {
    database             = { backup_days = 0 }
    network              = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"], task_subnet_ids = ["subnet-1"], public_addresses = false, security_group_ids = { task = "a", server = "b", database = "c" } }
    worker               = { count = 0 }
    architecture         = "arm"
    spot                 = ["database"]
    secret_recovery_days = 3
  }

  expect_failures = [var.database, var.network, var.worker, var.architecture, var.spot, var.secret_recovery_days]
}
