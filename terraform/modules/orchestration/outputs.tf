output "cluster_arn" {
  description = "The ECS cluster that runs the flow runs' tasks."
  value       = aws_ecs_cluster.this.arn
}

output "api_url" {
  description = "Prefect's API, as tasks reach it."
  value       = local.api_url
}

output "api_key_secret_arn" {
  description = "The secret for the worker's Prefect API key. Its value is set by hand."
  value       = aws_secretsmanager_secret.api_key.arn
}

output "log_group" {
  description = "The log group of worker, server and flow runs."
  value       = aws_cloudwatch_log_group.this.name
}

output "work_pool" {
  description = "The values of the variables in the ECS work pool's job template."
  value = {
    image                           = var.image
    family                          = "${var.name}-flow"
    cluster                         = aws_ecs_cluster.this.arn
    launch_type                     = "FARGATE"
    vpc_id                          = var.vpc_id
    execution_role_arn              = var.execution_role_arn
    configure_cloudwatch_logs       = true
    cloudwatch_logs_options         = local.logging["flow"].options
    network_configuration           = { subnets = var.subnet_ids, securityGroups = [var.security_group_id], assignPublicIp = "DISABLED" }
    auto_deregister_task_definition = true
  }
}
