output "trail_arn" {
  description = "The trail; null when there is none."
  value       = one(aws_cloudtrail.this[*].arn)
}

output "budget" {
  description = "The budget's name."
  value       = aws_budgets_budget.this.name
}
