# The offline cloud: everything that an emulator supports.
# Variables of bootstrap and platform; those of platform alone are in platform.tfvars.
environment  = "offline"
account_id   = "000000000000"
owner        = "mlops"
cost_centre  = "offline"
state_bucket = "vishwaops-offline-state-000000000000"
emulated     = true
