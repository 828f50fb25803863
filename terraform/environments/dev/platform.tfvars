disposable         = true
data_class         = "confidential"
log_retention_days = 365
monthly_budget_usd = 100
alert_emails       = ["mlops@example.org"]
github_repository  = "example/vishwaops"

network = { zones = 2, internet = "public_ips" }
prefect = {
  kind            = "self_hosted"
  image_tag       = null # services start once this is a pushed image's tag
  spot            = ["worker", "server"]
  execute_command = true
  database        = { backup_days = 7, standby = false, refuse_to_destroy = false }
}
