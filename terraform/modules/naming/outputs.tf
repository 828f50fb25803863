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

output "metric_namespace" {
  description = "The CloudWatch namespace of the drift and quality metrics that the flows write."
  value       = "${var.project}/${var.environment}"
}

output "boundary_name" {
  description = "The name of the permission boundary of every role."
  value       = "${local.prefix}-boundary"
}

output "boundary_arn" {
  description = "The permission boundary's ARN, known before the boundary exists."
  value       = "arn:aws:iam::${var.account_id}:policy/${local.prefix}-boundary"
}

output "tags" {
  description = "The tags of every resource."
  value       = local.tags
}
