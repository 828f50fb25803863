output "dashboard" {
  description = "The dashboard's name."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "composite_alarm" {
  description = "The alarm that says the platform is unwell."
  value       = aws_cloudwatch_composite_alarm.this.alarm_name
}

output "lost_events_queue_url" {
  description = "The queue of events that could not be handed over."
  value       = aws_sqs_queue.this.url
}
