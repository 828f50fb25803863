output "name" {
  description = "The bucket's name, once it exists with its policy."
  value       = aws_s3_bucket_policy.this.bucket
}

output "arn" {
  description = "The bucket's ARN."
  value       = local.arn
}
