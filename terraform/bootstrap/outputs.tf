output "state_bucket" {
  description = "The bucket for backend.hcl."
  value       = module.state.name
}
