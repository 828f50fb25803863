output "endpoints" {
  description = "The endpoint's name of each use case."
  value       = local.endpoints
}

output "variant" {
  description = "The production variant that serves the approved model."
  value       = var.variant
}

output "guardrail_alarms" {
  description = "For each use case, the alarms that roll a deployment back."
  value = {
    for use_case in keys(local.endpoints) :
    use_case => [aws_cloudwatch_metric_alarm.errors[use_case].alarm_name, aws_cloudwatch_metric_alarm.latency[use_case].alarm_name]
  }
}

output "alarms" {
  description = "Every alarm of the endpoints."
  value = sort([
    for alarm in concat(values(aws_cloudwatch_metric_alarm.errors), values(aws_cloudwatch_metric_alarm.latency), values(aws_cloudwatch_metric_alarm.concurrency)) :
    alarm.alarm_name
  ])
}
