# A school's production account. Every variable of platform/ has a value here.

# Who and what.
data_class         = "confidential"
alert_emails       = ["mlops@school.example", "security@school.example"]
github_repository  = "school/vishwaops"
allow_placeholders = false

# What a destroy may take with it: nothing of value.
disposable = false

# Evidence: GOVERNANCE for a first month, then COMPLIANCE, which nobody can undo.
audit_lock         = { mode = "GOVERNANCE", days = 30 }
log_retention_days = 731
trail              = true

# Money.
monthly_budget_usd = 500
anomaly_monitor    = true

# What the account has already: ["TrainingJobs", "ProcessingJobs"] where SageMaker's jobs have run before.
existing_log_groups = []

# Three zones, a NAT gateway for Prefect's tasks, and endpoints for the services that they call most.
network = {
  cidr                = "10.40.0.0/16"
  zones               = 3
  internet            = "nat"
  interface_endpoints = ["logs", "sagemaker.api"]
  distributed_jobs    = false
}
existing_network = null

# A Prefect server of one's own, on ARM. Without an image tag no service starts: see modules/orchestration/README.md.
prefect = {
  kind               = "self_hosted"
  image_tag          = "0123456789abcdef0123456789abcdef01234567"
  architecture       = "ARM64"
  spot               = ["flow_runs"]
  container_insights = true
  execute_command    = true
  worker             = { cpu = 512, memory = 1024, count = 2 }
  server             = { cpu = 512, memory = 1024 }
  flow_run           = { cpu = 1024, memory = 4096 }
  database           = { instance_class = "db.t4g.small", storage_in_gb = 50, backup_days = 14, standby = true, refuse_to_destroy = true }
}

mlflow_size = "Small"

# Serving.
autoscaling          = { student_enrollment = { minimum = 1, maximum = 4, invocations_per_minute = 600 } }
latency_milliseconds = 300

feature_groups = {
  student-enrollment-people = {
    use_case          = "student_enrollment"
    record_identifier = "id"
    event_time        = "observed_at"
    features          = { id = "Integral", observed_at = "String", age = "Integral" }
    online            = false
  }
}
