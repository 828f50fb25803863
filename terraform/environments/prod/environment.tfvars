# The account that serves: three zones, a standby, an audit log that nobody can shorten.
# This file is for bootstrap and platform, platform.tfvars for platform alone.
environment  = "prod"
account_id   = "222222222222" # yours
owner        = "mlops"
cost_centre  = "ml-prod"
state_bucket = "vishwaops-prod-state-222222222222"
