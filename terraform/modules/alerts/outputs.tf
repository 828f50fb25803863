output "topic_arn" {
  description = "The topic, once it may be published to."
  value       = aws_sns_topic_policy.this.arn
}

output "topic_name" {
  description = "The topic's name."
  value       = aws_sns_topic.this.name
}
