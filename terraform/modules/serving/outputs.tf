output "guardrail_alarms" {
  description = "For each use case, the alarms that roll a deployment back."
  value = {
    for use_case in var.use_cases :
    use_case => [aws_cloudwatch_metric_alarm.errors[use_case].alarm_name, aws_cloudwatch_metric_alarm.latency[use_case].alarm_name]
  }
}
