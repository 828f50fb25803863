data_class         = "confidential"
audit_lock         = { mode = "GOVERNANCE", days = 30 }
log_retention_days = 731
monthly_budget_usd = 350
alert_emails       = ["mlops@example.org"]
github_repository  = "example/vishwaops"

# Runs around the nightly schedules of prefect.yaml. A server takes some 20 minutes to start.
mlflow = { size = "Small", schedule = { start = "cron(15 1 * * ? *)", stop = "cron(0 4 * * ? *)" } }

network = { zones = 3, internet = "nat" }
prefect = {
  kind            = "self_hosted"
  image_tag       = null # services start once this is a pushed image's tag
  execute_command = true
  worker          = { count = 2 }
  server          = { cpu = 512, memory = 1024 }
  database        = { instance_class = "db.t4g.small" }
}
