output "topic_arn" {
  description = "The topic's ARN, available once its policy allows publishing."
  value       = aws_sns_topic_policy.this.arn
}

output "topic_name" {
  description = "The topic's name."
  value       = aws_sns_topic.this.name
}
