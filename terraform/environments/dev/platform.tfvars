data_class         = "confidential"
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
