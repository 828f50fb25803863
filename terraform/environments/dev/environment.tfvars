# A shared development account: one zone's worth of everything, nothing that is slow to remove.
# This file is for bootstrap and platform, platform.tfvars for platform alone.
environment  = "dev"
account_id   = "111111111111" # yours
owner        = "mlops"
cost_centre  = "ml-dev"
state_bucket = "vishwaops-dev-state-111111111111"
disposable   = true
