# Variables of bootstrap and platform.
environment  = "prod"
account_id   = "123456789012"
region       = "eu-west-1"
owner        = "analytics"
cost_centre  = "4711"
state_bucket = "vishwaops-prod-state-123456789012"
emulated     = false # true only for the offline cloud
