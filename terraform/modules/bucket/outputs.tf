output "name" {
  description = "The bucket's name, available once the bucket and its policy exist."
  value       = var.name

  depends_on = [aws_s3_bucket_policy.this]
}

output "arn" {
  description = "The bucket's ARN."
  value       = local.arn
}

output "id" {
  description = "The bucket's name, unknown while the bucket is created or replaced: for the module guard."
  value       = aws_s3_bucket.this.id
}
