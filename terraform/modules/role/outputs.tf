output "arn" {
  description = "The role's ARN."
  value       = aws_iam_role.this.arn
}

output "name" {
  description = "The role's name, available once its permissions exist."
  value       = aws_iam_role_policy.this.role
}
