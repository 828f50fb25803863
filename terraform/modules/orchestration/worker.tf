resource "aws_ecs_task_definition" "worker" {
  family                   = "${var.name}-worker"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.worker.cpu
  memory                   = var.worker.memory
  task_role_arn            = var.worker_role_arn
  execution_role_arn       = var.execution_role_arn
  tags                     = var.tags

  volume {
    name = "scratch"
  }

  container_definitions = jsonencode([{
    name                   = "worker"
    image                  = var.image
    essential              = true
    command                = ["prefect", "worker", "start", "--pool", var.work_pool, "--type", "ecs", "--with-healthcheck"]
    readonlyRootFilesystem = true
    mountPoints            = local.scratch
    environment            = concat(local.quiet, [{ name = "PREFECT_API_URL", value = local.api_url }])
    secrets                = [for secret in [{ name = "PREFECT_API_KEY", valueFrom = aws_secretsmanager_secret.api_key.arn }] : secret if var.prefect.kind == "cloud"]
    logConfiguration       = local.logging["worker"]
    healthCheck = {
      command     = ["CMD", "python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/health')"]
      interval    = 30
      timeout     = 5
      retries     = 3
      startPeriod = 60
    }
  }])
}

resource "aws_ecs_service" "worker" {
  name                               = "${var.name}-worker"
  cluster                            = aws_ecs_cluster.this.arn
  task_definition                    = aws_ecs_task_definition.worker.arn
  launch_type                        = "FARGATE"
  platform_version                   = "LATEST"
  desired_count                      = var.worker.minimum
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

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  lifecycle {
    ignore_changes = [desired_count] # autoscaling decides
  }
}

resource "aws_appautoscaling_target" "worker" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.worker.name}"
  min_capacity       = var.worker.minimum
  max_capacity       = var.worker.maximum
  tags               = var.tags
}

resource "aws_appautoscaling_policy" "worker" {
  name               = "${var.name}-worker-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.worker.service_namespace
  scalable_dimension = aws_appautoscaling_target.worker.scalable_dimension
  resource_id        = aws_appautoscaling_target.worker.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
