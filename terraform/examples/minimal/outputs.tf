output "buckets" {
  description = "Bucket names by purpose."
  value       = module.storage.buckets
}

output "job_role_arns" {
  description = "The role of each use case's jobs."
  value       = module.identity.job_role_arns
}

output "repository_url" {
  description = "The image repository."
  value       = module.registry.repository_url
}
