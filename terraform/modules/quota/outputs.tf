output "needed" {
  description = "The least value that is enough."
  value       = var.needed
}
