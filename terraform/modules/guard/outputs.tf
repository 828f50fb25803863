output "protects" {
  description = "The names of the protected resources."
  value       = keys(var.protects)
}
