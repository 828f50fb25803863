# The self-hosted Prefect server, reached inside the VPC only.
resource "aws_service_discovery_private_dns_namespace" "this" {
  count = local.self_hosted

  name        = "${var.name}.internal"
  description = "Prefect's server of ${var.name}"
  vpc         = var.network.vpc_id
  tags        = var.tags
}

resource "aws_service_discovery_service" "this" {
  count = local.self_hosted

  name = "prefect"
  tags = var.tags

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.this[0].id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }
}

resource "aws_ecs_task_definition" "server" {
  count = local.self_hosted

  family                   = "${var.name}-server"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.server.cpu
  memory                   = var.server.memory
  task_role_arn            = var.execute_command ? var.server_role_arn : null
  execution_role_arn       = var.execution_role_arn
  tags                     = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  volume {
    name = "scratch"
  }

  container_definitions = jsonencode([{
    name      = "server"
    image     = local.image
    essential = true
    command   = ["prefect", "server", "start", "--host", "0.0.0.0", "--port", "4200"]
    # ECS Exec's agent writes into the root file system (Amazon ECS Developer Guide, "Monitor ECS containers with ECS Exec").
    # The server itself is not root, so it can't.
    readonlyRootFilesystem = !var.execute_command
    linuxParameters        = { initProcessEnabled = var.execute_command }
    mountPoints            = local.scratch
    portMappings           = [{ containerPort = 4200, hostPort = 4200, protocol = "tcp" }]
    logConfiguration       = local.logging["server"]
    environment = concat(local.quiet, [
      { name = "PREFECT_SERVER_DATABASE_DRIVER", value = "postgresql+asyncpg" },
      { name = "PREFECT_SERVER_DATABASE_HOST", value = aws_db_instance.this[0].address },
      { name = "PREFECT_SERVER_DATABASE_PORT", value = "5432" },
      { name = "PREFECT_SERVER_DATABASE_NAME", value = "prefect" },
      { name = "PREFECT_SERVER_DATABASE_USER", value = "prefect" },
      # Where a browser finds the API: the near end of the tunnel (terraform/prefect-tunnel.sh).
      { name = "PREFECT_SERVER_UI_API_URL", value = "http://127.0.0.1:4200/api" },
    ])
    secrets = [
      { name = "PREFECT_SERVER_DATABASE_PASSWORD", valueFrom = "${aws_db_instance.this[0].master_user_secret[0].secret_arn}:password::" },
      { name = "PREFECT_SERVER_API_AUTH_STRING", valueFrom = aws_secretsmanager_secret.credential.arn },
    ]
    # `ready` checks the database: after RDS rotates the password, ECS replaces the task with one that has the new password.
    # It needs no authentication string.
    healthCheck = {
      command     = ["CMD", "python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:4200/api/ready')"]
      interval    = 30
      timeout     = 10
      retries     = 3
      startPeriod = 300
    }
  }])
}

resource "aws_ecs_service" "server" {
  count = local.self_hosted

  name                               = "${var.name}-server"
  cluster                            = aws_ecs_cluster.this.arn
  task_definition                    = aws_ecs_task_definition.server[0].arn
  launch_type                        = contains(var.spot, "server") ? null : "FARGATE"
  platform_version                   = "LATEST"
  desired_count                      = local.started
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  enable_execute_command             = var.execute_command
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  wait_for_steady_state              = local.started == 1
  tags                               = var.tags

  dynamic "capacity_provider_strategy" {
    for_each = contains(var.spot, "server") ? ["FARGATE_SPOT"] : []

    content {
      capacity_provider = capacity_provider_strategy.value
      weight            = 1
    }
  }

  network_configuration {
    subnets          = var.network.task_subnet_ids
    security_groups  = [var.network.security_group_ids["server"]]
    assign_public_ip = var.network.public_addresses
  }

  service_registries {
    registry_arn = aws_service_discovery_service.this[0].arn
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

  depends_on = [aws_ecs_cluster_capacity_providers.this]
}
