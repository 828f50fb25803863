# What ECS reports about the flow runs' tasks. prefect-aws's worker reads it: a run whose task ended without a word is
# marked as crashed, and its task definition deregistered.
resource "aws_sqs_queue" "task_events" {
  name                       = "${var.name}-ecs-tasks"
  message_retention_seconds  = 86400 # an older event tells nothing that matters
  visibility_timeout_seconds = 300
  sqs_managed_sse_enabled    = true
  tags                       = var.tags

  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.task_events_dead.arn, maxReceiveCount = 5 })
}

resource "aws_sqs_queue" "task_events_dead" {
  name                      = "${var.name}-ecs-tasks-dead"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "task_events" {
  queue_url = aws_sqs_queue.task_events.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EventsOfOwnRule"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.task_events.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.task_events.arn } }
    }]
  })
}

resource "aws_cloudwatch_event_rule" "task_events" {
  name        = "${var.name}-ecs-tasks"
  description = "A flow run's task changed its state"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail      = { clusterArn = [aws_ecs_cluster.this.arn], group = ["family:${local.flow_family}"] }
  })
}

resource "aws_cloudwatch_event_target" "task_events" {
  rule      = aws_cloudwatch_event_rule.task_events.name
  target_id = "worker"
  arn       = aws_sqs_queue.task_events.arn

  depends_on = [aws_sqs_queue_policy.task_events]
}
