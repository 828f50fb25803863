disposable         = true
data_class         = "internal"
log_retention_days = 365
monthly_budget_usd = 1
alert_emails       = ["mlops@example.org"]
github_repository  = "example/vishwaops"
mlflow_size        = "Small"

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

autoscaling = { student_enrollment = { maximum = 2 } }
feature_groups = {
  student-enrollment-people = {
    use_case          = "student_enrollment"
    record_identifier = "id"
    event_time        = "observed_at"
    features          = { id = "Integral", observed_at = "String", age = "Integral", KWW = "Integral", IQ = "Integral" }
  }
}
