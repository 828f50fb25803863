# A shared development account: one zone's worth of everything, nothing that is slow to remove.
environment        = "dev"
account_id         = "111111111111" # yours
owner              = "mlops"
cost_centre        = "ml-dev"
data_class         = "confidential"
state_bucket       = "vishwaops-dev-state-111111111111"
disposable         = true
log_retention_days = 365
monthly_budget_usd = 300
alert_emails       = ["mlops@example.org"]
github_repository  = "example/vishwaops"

network = { internet = true }
prefect = {
  kind      = "cloud"
  api_url   = "https://api.prefect.cloud/api/accounts/ACCOUNT/workspaces/WORKSPACE"
  image_tag = "0.1.0"
}

quality_thresholds = { student_enrollment = { at_least = 0.75 }, student_grades = { at_most = 15 } }
