output "buckets" {
  description = "The buckets' names by purpose, available once the buckets exist."
  value = merge(
    { for purpose, bucket in module.working : purpose => bucket.name },
    { logs = module.logs.name, audit = module.audit.name },
  )
}

output "database" {
  description = "The Glue database of the datasets' tables."
  value       = aws_glue_catalog_database.this.name
}

output "data_key_arn" {
  description = "The key of datasets, models and monitoring data."
  value       = local.key_arns.data
}

output "operations_key_arn" {
  description = "The key of logs, alerts, queues, images and secrets."
  value       = local.key_arns.operations
}

output "signing_key_arn" {
  description = "The key that signs models and the audit logs' checkpoints."
  value       = local.key_arns.signing
}

output "audit_key_arn" {
  description = "The key of the audit log."
  value       = local.key_arns.audit
}
