output "cluster_arn" {
  description = "The ECS cluster that runs the flow runs' tasks."
  value       = aws_ecs_cluster.this.arn
}

output "api_url" {
  description = "Prefect's API, as tasks reach it."
  value       = local.api_url
}

output "credential" {
  description = "The secret of Prefect's API, whose value is set by hand: parameter (api_key_secret for cloud, auth_string_secret for self_hosted) and arn."
  value       = { parameter = var.prefect.kind == "cloud" ? "api_key_secret" : "auth_string_secret", arn = aws_secretsmanager_secret.credential.arn }
}

output "log_group" {
  description = "The log group of worker, server and flow runs."
  value       = aws_cloudwatch_log_group.this.name
}

output "task_events_queue_arn" {
  description = "The queue of ECS's events, which the worker reads."
  value       = aws_sqs_queue.task_events.arn
}

output "flow_family" {
  description = "The family of the flow runs' task definitions, the only ones that the worker may register and run."
  value       = local.flow_family
}

output "work_pool" {
  description = "The values of the variables in the ECS work pool's job template."
  value = {
    image                              = local.image
    family                             = local.flow_family
    cluster                            = aws_ecs_cluster.this.arn
    launch_type                        = contains(var.spot, "flow_runs") ? "FARGATE_SPOT" : "FARGATE"
    runtime_platform                   = { operatingSystemFamily = "LINUX", cpuArchitecture = var.architecture }
    cpu                                = var.flow_run.cpu
    memory                             = var.flow_run.memory
    vpc_id                             = var.network.vpc_id
    execution_role_arn                 = var.execution_role_arn
    prefect_api_key_secret_arn         = var.prefect.kind == "cloud" ? aws_secretsmanager_secret.credential.arn : null
    prefect_api_auth_string_secret_arn = var.prefect.kind == "cloud" ? null : aws_secretsmanager_secret.credential.arn
    configure_cloudwatch_logs          = true
    cloudwatch_logs_options            = merge(local.logging["flow"].options, { awslogs-create-group = "false" })
    auto_deregister_task_definition    = true
    network_configuration = {
      subnets        = var.network.task_subnet_ids
      securityGroups = [var.network.security_group_ids["task"]]
      assignPublicIp = var.network.public_addresses ? "ENABLED" : "DISABLED"
    }
  }
}
