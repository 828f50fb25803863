output "job_role_arns" {
  description = "The job role of each use case."
  value       = { for use_case, role in module.job : use_case => role.arn }
}

output "endpoint_role_arns" {
  description = "The endpoint role of each use case."
  value       = { for use_case, role in module.endpoint : use_case => role.arn }
}

output "flow_role_arns" {
  description = "The role of each use case's flow runs."
  value       = { for use_case, role in module.flow : use_case => role.arn }
}

output "feature_store_role_arns" {
  description = "The role of each use case's feature groups."
  value       = { for use_case, role in module.features : use_case => role.arn }
}

output "source_object_arns" {
  description = "The objects outside the platform's buckets that flows may read."
  value       = distinct(flatten(values(local.source_objects)))
}

output "worker_role_arn" {
  description = "The role of the Prefect worker."
  value       = module.worker.arn
}

output "server_role_arn" {
  description = "The role of the Prefect server."
  value       = module.server.arn
}

output "execution_role_arn" {
  description = "The role that ECS starts tasks with (task execution role)."
  value       = module.execution.arn
}

output "tracking_role_arn" {
  description = "The role of the MLflow tracking server."
  value       = module.tracking.arn
}

output "events_role_arn" {
  description = "The role that EventBridge calls Prefect's webhook and sends to the queues with."
  value       = module.events.arn
}

output "scheduler_role_arn" {
  description = "The role that EventBridge Scheduler starts and stops the MLflow tracking server with."
  value       = module.scheduler.arn
}

output "trail_role_arn" {
  description = "The role that CloudTrail writes to its log group with."
  value       = module.trail.arn
}

output "monitoring_role_arn" {
  description = "The role for RDS Enhanced Monitoring."
  value       = module.monitoring.arn
}

output "reader_role_arn" {
  description = "The read-only role for people."
  value       = module.reader.arn
}

output "ci_plan_role_arn" {
  description = "The role that a pull request's workflow plans with; null without a repository."
  value       = one(module.ci_plan[*].arn)
}

output "ci_apply_role_arn" {
  description = "The role that the approved environment's workflow applies with; null without a repository."
  value       = one(module.ci_apply[*].arn)
}

output "promoter_role_arn" {
  description = "The role that promotes models of another environment into this one; null without `promotion`."
  value       = one(module.promoter[*].arn)
}

output "boundary_arn" {
  description = "The permission boundary."
  value       = aws_iam_policy.boundary.arn
}
