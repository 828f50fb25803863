disposable         = true
data_class         = "internal"
log_retention_days = 365
monthly_budget_usd = 1
alert_emails       = ["mlops@example.org"]
github_repository  = "example/vishwaops"
mlflow             = { size = "Small", schedule = { start = "cron(30 1 * * ? *)", stop = "cron(0 4 * * ? *)" } }

network = {
  # Every service that ECS tasks call, and others; LocalStack has no endpoint service for MLflow.
  interface_endpoints = [
    "ec2", "ecr.api", "ecr.dkr", "ecs", "events", "kms", "logs", "monitoring", "sagemaker.api", "sagemaker.featurestore-runtime",
    "sagemaker.runtime", "secretsmanager", "sns", "sqs", "ssm", "ssmmessages", "sts",
  ]
}
prefect = {
  kind     = "self_hosted"
  webhook  = "https://localhost/hooks/vishwaops"
  database = { standby = false, refuse_to_destroy = false }
}

feature_groups = {
  student-enrollment-people = {
    use_case          = "student_enrollment"
    record_identifier = "id"
    event_time        = "observed_at"
    features          = { id = "Integral", observed_at = "String", age = "Integral", KWW = "Integral", IQ = "Integral" }
  }
}
