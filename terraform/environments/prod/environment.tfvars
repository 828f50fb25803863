# The production account: three zones, a standby database, an audit log that only an administrator can delete early.
# Variables of bootstrap and platform; those of platform alone are in platform.tfvars.
environment  = "prod"
account_id   = "222222222222" # yours
owner        = "mlops"
cost_centre  = "ml-prod"
state_bucket = "vishwaops-prod-state-222222222222"
