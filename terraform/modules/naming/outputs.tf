output "prefix" {
  description = "What every name starts with: <project>-<environment>."
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

output "metric_namespace" {
  description = "The CloudWatch namespace that the flows write drift and quality to."
  value       = "${var.project}/${var.environment}"
}

output "boundary_name" {
  description = "The name of the permission boundary that every role here has."
  value       = "${local.prefix}-boundary"
}

output "boundary_arn" {
  description = "The permission boundary's ARN, known before it exists."
  value       = "arn:aws:iam::${var.account_id}:policy/${local.prefix}-boundary"
}

output "tags" {
  description = "The tags that every resource carries."
  value       = local.tags
}
