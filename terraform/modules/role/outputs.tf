output "arn" {
  description = "The role's ARN."
  value       = aws_iam_role.this.arn
}

output "name" {
  description = "The role's name, once it has its permissions."
  value       = aws_iam_role_policy.this.role
}
