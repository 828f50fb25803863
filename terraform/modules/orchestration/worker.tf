locals {
  # Receives drift and quality alarms beside the worker. Its end must not end the worker, so ECS starts only this container again.
  events_container = [
    for environment in compact([var.events_environment]) : {
      name                   = "events"
      image                  = local.image
      essential              = false
      restartPolicy          = { enabled = true, restartAttemptPeriod = 60 }
      command                = ["vishwaops", "events", "--profile", "aws"]
      readonlyRootFilesystem = true
      mountPoints            = local.scratch
      environment = concat(local.quiet, [
        { name = "AWS_REGION", value = var.region },
        { name = "PREFECT_API_URL", value = local.api_url },
        { name = "VISHWAOPS_ENVIRONMENT", value = environment },
      ])
      secrets          = [local.credential_secret]
      logConfiguration = local.logging["events"]
    }
  ]
}

resource "aws_ecs_task_definition" "worker" {
  family                   = "${var.name}-worker"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.worker.cpu
  memory                   = var.worker.memory
  task_role_arn            = var.worker_role_arn
  execution_role_arn       = var.execution_role_arn
  tags                     = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  volume {
    name = "scratch"
  }

  container_definitions = jsonencode(concat([{
    name                   = "worker"
    image                  = local.image
    essential              = true
    command                = ["prefect", "worker", "start", "--pool", var.work_pool, "--type", "ecs", "--with-healthcheck"]
    readonlyRootFilesystem = true
    mountPoints            = local.scratch
    environment = concat(local.quiet, [
      { name = "PREFECT_API_URL", value = local.api_url },
      { name = "PREFECT_INTEGRATIONS_AWS_ECS_OBSERVER_SQS_QUEUE_NAME", value = aws_sqs_queue.task_events.name },
    ])
    secrets          = [local.credential_secret]
    logConfiguration = local.logging["worker"]
    healthCheck = {
      command     = ["CMD", "python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/health')"]
      interval    = 30
      timeout     = 5
      retries     = 3
      startPeriod = 120
    }
  }], local.events_container))
}

resource "aws_ecs_service" "worker" {
  name                               = "${var.name}-worker"
  cluster                            = aws_ecs_cluster.this.arn
  task_definition                    = aws_ecs_task_definition.worker.arn
  launch_type                        = contains(var.spot, "worker") ? null : "FARGATE"
  platform_version                   = "LATEST"
  desired_count                      = local.started * var.worker.count
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  tags                               = var.tags

  dynamic "capacity_provider_strategy" {
    for_each = contains(var.spot, "worker") ? ["FARGATE_SPOT"] : []

    content {
      capacity_provider = capacity_provider_strategy.value
      weight            = 1
    }
  }

  network_configuration {
    subnets          = var.network.task_subnet_ids
    security_groups  = [var.network.security_group_ids["task"]]
    assign_public_ip = var.network.public_addresses
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  lifecycle {
    precondition {
      condition     = local.started == 0 || local.credential_is_set
      error_message = local.credential_is_missing
    }
  }

  # A worker ends when the API does not answer, and after three such ends the circuit breaker gives up.
  depends_on = [aws_ecs_service.server, aws_ecs_cluster_capacity_providers.this]
}
