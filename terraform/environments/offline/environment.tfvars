# The offline cloud: everything that an emulator answers for.
# This file is for bootstrap and platform, platform.tfvars for platform alone.
environment  = "offline"
account_id   = "000000000000"
owner        = "mlops"
cost_centre  = "offline"
state_bucket = "vishwaops-offline-state-000000000000"
disposable   = true
