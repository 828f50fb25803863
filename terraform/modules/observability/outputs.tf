output "dashboard" {
  description = "The dashboard's name."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "composite_alarm" {
  description = "The composite alarm: in alarm when any alarm of the platform is."
  value       = aws_cloudwatch_composite_alarm.this.alarm_name
}

output "lost_events_queue_url" {
  description = "The dead-letter queue of events that could not be delivered or handled."
  value       = aws_sqs_queue.lost.url
}

output "events_queue_url" {
  description = "The queue of drift alarms and failed jobs, unless a webhook receives them."
  value       = aws_sqs_queue.events.url
}
