output "state_bucket" {
  description = "The bucket for backend.hcl."
  value       = module.state.name
}

output "state_key" {
  description = "The ARN of the key that encrypts the states."
  value       = module.key.arn
}
