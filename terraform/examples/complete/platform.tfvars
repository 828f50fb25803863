# A school's production account. Every variable of platform/ has a value here.

# Who and what.
data_class         = "confidential"
alert_emails       = ["mlops@school.example", "security@school.example"]
github_repository  = "school/vishwaops"
allow_placeholders = false

# The repository's and its owner's numbers at GitHub, the branch that is applied, and GitHub's provider in the account.
github_owner_id        = "1234567"
github_repository_id   = "765432101"
github_branch          = "main"
create_github_provider = true

# Who may read, and who may run flows from a laptop. Sessions of IAM Identity Center show no MFA device.
readers        = []
operators      = ["arn:aws:iam::123456789012:role/analysts"]
people_use_mfa = false

# Models come from the development account, and go to no other one. Its output `promotion` has the values.
promotion = {
  account_id = "210987654321"
  buckets    = { data = "vishwaops-dev-data-210987654321", artefacts = "vishwaops-dev-artefacts-210987654321" }
  key_arn    = "arn:aws:kms:eu-west-1:210987654321:key/0a1b2c3d-1111-2222-3333-444444444444"
}
promote_to = []

# What a destroy may take with it: nothing of value.
disposable = false

# Evidence: GOVERNANCE for a first month, then COMPLIANCE, which nobody can undo.
audit_lock         = { mode = "GOVERNANCE", days = 30 }
log_retention_days = 731

# Predictions, which have personal data, are deleted after a year. Without it they are kept.
prediction_retention_days = 365
trail                     = true

# Money.
monthly_budget_usd = 500
anomaly_monitor    = true

# True once somebody has activated the tag CostCentre: the budget then covers the cost centre alone.
cost_allocation_tags_active = false

# What the account has already: ["TrainingJobs", "ProcessingJobs"] where SageMaker's jobs have run before.
existing_log_groups           = []
existing_model_package_groups = []
existing_buckets              = {}
existing_keys                 = {}
existing_anomaly_monitor_arn  = null

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

# MLflow around the nightly runs; without `schedule` it is always on.
mlflow = { size = "Small", schedule = { start = "cron(15 1 * * ? *)", stop = "cron(0 4 * * ? *)" } }

# Files of other departments that `source.location` of a use case names.
source_buckets = { student_dropout = ["school-registry-exports"], student_grades = ["arn:aws:s3:::school-exams/grades/*"] }
source_secrets = { student_dropout = ["registry/database"] }
source_streams = { student_grades = ["exam-results"] }

# Serving.
latency_milliseconds = 300

# For use cases on instances, such as { student_enrollment = { minimum = 1, maximum = 4, invocations_per_minute = 600 } }.
autoscaling = {}

feature_groups = {
  student-enrollment-people = {
    use_case          = "student_enrollment"
    record_identifier = "id"
    event_time        = "observed_at"
    features          = { id = "Integral", observed_at = "String", age = "Integral" }
    online            = false
  }
}
