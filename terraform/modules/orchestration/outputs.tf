output "cluster_arn" {
  description = "The ECS cluster that flow runs are tasks of."
  value       = aws_ecs_cluster.this.arn
}

output "api_url" {
  description = "Prefect's API, as tasks reach it."
  value       = local.api_url
}

output "api_key_secret_arn" {
  description = "The secret to put the worker's Prefect API key in."
  value       = aws_secretsmanager_secret.api_key.arn
}

output "log_group" {
  description = "Where worker, server and flow runs log to."
  value       = aws_cloudwatch_log_group.this.name
}

output "work_pool" {
  description = "What the ECS work pool's job template needs: the values of its variables."
  value = {
    image                           = var.image
    cluster                         = aws_ecs_cluster.this.arn
    launch_type                     = "FARGATE"
    vpc_id                          = var.vpc_id
    task_role_arn                   = var.flow_role_arn
    execution_role_arn              = var.execution_role_arn
    configure_cloudwatch_logs       = true
    cloudwatch_logs_options         = local.logging["flow"].options
    network_configuration           = { subnets = var.subnet_ids, securityGroups = [var.security_group_id], assignPublicIp = "DISABLED" }
    auto_deregister_task_definition = true
  }
}
