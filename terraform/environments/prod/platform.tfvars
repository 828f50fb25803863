data_class         = "confidential"
audit_lock         = { mode = "COMPLIANCE", days = 365 }
log_retention_days = 731
monthly_budget_usd = 1500
alert_emails       = ["mlops@example.org"]
github_repository  = "example/vishwaops"
mlflow_size        = "Small"

# Internet access for the training image, which installs sagemaker_scripts/requirements.txt when it starts.
network = { zones = ["a", "b", "c"], internet = true }
prefect = {
  kind      = "self_hosted"
  image_tag = "0.1.0" # or a commit whose image was pushed
  worker    = { cpu = 1024, memory = 2048, minimum = 2, maximum = 6 }
  database  = { instance_class = "db.t4g.small", storage_in_gb = 50 }
}
