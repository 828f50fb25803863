disposable         = true
data_class         = "internal"
log_retention_days = 365
monthly_budget_usd = 1
alert_emails       = ["mlops@example.org"]
github_repository  = "example/vishwaops"
mlflow_size        = "Small"

network = { internet = false }
prefect = {
  kind      = "self_hosted"
  image_tag = "0.1.0"
  webhook   = "https://localhost/hooks/vishwaops"
  worker    = { minimum = 1, maximum = 2 }
  database  = { standby = false, refuse_to_destroy = false }
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
