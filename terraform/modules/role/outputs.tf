output "arn" {
  description = "The role's ARN, available once its permissions exist."
  value       = aws_iam_role.this.arn
  depends_on  = [aws_iam_role_policy.this]
}

output "name" {
  description = "The role's name, available once its permissions exist."
  value       = aws_iam_role_policy.this.role
}
