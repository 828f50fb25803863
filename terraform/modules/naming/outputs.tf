output "prefix" {
  description = "The prefix of every name: <project>-<environment>."
  value       = local.prefix
}

output "parameter_prefix" {
  description = "The path of the SSM parameters: /<project>/<environment>."
  value       = local.parameters
}

output "buckets" {
  description = "Bucket names by purpose: data, artefacts, monitoring, logs, audit."
  value       = local.buckets
}

output "database" {
  description = "The Glue database of the datasets' tables: Athena allows no hyphens in its name."
  value       = "${var.project}_${var.environment}"
}

output "metric_namespace" {
  description = "The CloudWatch namespace of the drift and quality metrics that the flows write."
  value       = "${var.project}/${var.environment}"
}

output "boundary_name" {
  description = "The name of the permission boundary of every role."
  value       = "${local.prefix}-boundary"
}

output "tags" {
  description = "The tags of every resource."
  value       = merge(local.flow_tags, { ManagedBy = "terraform" })
}

output "flow_tags" {
  description = "The tags of what the flows create: jobs, models and endpoints."
  value       = local.flow_tags
}

output "environment_parameter" {
  description = "The SSM parameter that names the account's only environment."
  value       = "/${var.project}/environment"
}
