data_class         = "confidential"
audit_lock         = { mode = "COMPLIANCE", days = 365 }
log_retention_days = 731
monthly_budget_usd = 1500
alert_emails       = ["mlops@example.org"]
github_repository  = "example/vishwaops"
mlflow_size        = "Small"

network = { zones = 3, internet = "nat" }
prefect = {
  kind            = "self_hosted"
  image_tag       = null # services start once this is a pushed image's tag
  execute_command = true
  worker          = { count = 2 }
  server          = { cpu = 512, memory = 1024 }
  database        = { instance_class = "db.t4g.small" }
}
