# The self-hosted Prefect server, reached inside the VPC only.
resource "aws_service_discovery_private_dns_namespace" "this" {
  count = local.self_hosted

  name        = "${var.name}.internal"
  description = "Prefect's server of ${var.name}"
  vpc         = var.vpc_id
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
  cpu                      = 512
  memory                   = 1024
  execution_role_arn       = var.execution_role_arn
  tags                     = var.tags

  volume {
    name = "scratch"
  }

  container_definitions = jsonencode([{
    name                   = "server"
    image                  = var.image
    essential              = true
    command                = ["prefect", "server", "start", "--host", "0.0.0.0", "--port", "4200"]
    readonlyRootFilesystem = true
    mountPoints            = local.scratch
    portMappings           = [{ containerPort = 4200, hostPort = 4200, protocol = "tcp" }]
    logConfiguration       = local.logging["server"]
    environment = concat(local.quiet, [
      { name = "PREFECT_SERVER_DATABASE_DRIVER", value = "postgresql+asyncpg" },
      { name = "PREFECT_SERVER_DATABASE_HOST", value = aws_db_instance.this[0].address },
      { name = "PREFECT_SERVER_DATABASE_PORT", value = "5432" },
      { name = "PREFECT_SERVER_DATABASE_NAME", value = "prefect" },
      { name = "PREFECT_SERVER_DATABASE_USER", value = "prefect" },
    ])
    secrets = [{ name = "PREFECT_SERVER_DATABASE_PASSWORD", valueFrom = "${aws_db_instance.this[0].master_user_secret[0].secret_arn}:password::" }]
    # `ready` checks the database: after RDS rotates the password, ECS replaces the task with one that has the new password.
    healthCheck = {
      command     = ["CMD", "python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:4200/api/ready')"]
      interval    = 30
      timeout     = 10
      retries     = 3
      startPeriod = 120
    }
  }])
}

resource "aws_ecs_service" "server" {
  count = local.self_hosted

  name                               = "${var.name}-server"
  cluster                            = aws_ecs_cluster.this.arn
  task_definition                    = aws_ecs_task_definition.server[0].arn
  launch_type                        = "FARGATE"
  platform_version                   = "LATEST"
  desired_count                      = 1
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  tags                               = var.tags

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [var.security_group_id]
    assign_public_ip = false
  }

  service_registries {
    registry_arn = aws_service_discovery_service.this[0].arn
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
}
