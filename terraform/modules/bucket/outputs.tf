output "name" {
  description = "The bucket's name, once it exists with its policy."
  value       = var.name

  depends_on = [aws_s3_bucket_policy.this]
}

output "arn" {
  description = "The bucket's ARN."
  value       = local.arn
}
