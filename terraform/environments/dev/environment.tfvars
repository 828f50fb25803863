# A shared development account: little redundancy, and nothing that is slow to remove.
# Variables of bootstrap and platform; those of platform alone are in platform.tfvars.
environment  = "dev"
account_id   = "111111111111" # yours
owner        = "mlops"
cost_centre  = "ml-dev"
state_bucket = "vishwaops-dev-state-111111111111"
