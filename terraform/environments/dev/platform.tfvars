disposable         = true
data_class         = "confidential"
log_retention_days = 365
monthly_budget_usd = 1200
alert_emails       = ["mlops@example.org"]
github_repository  = "example/vishwaops"
mlflow_size        = "Small" # or null, and MLFLOW_TRACKING_URI for the flows

network = { internet = true }
prefect = {
  kind      = "cloud"
  api_url   = "https://api.prefect.cloud/api/accounts/ACCOUNT/workspaces/WORKSPACE"
  image_tag = "0.1.0" # or a commit whose image was pushed
}
