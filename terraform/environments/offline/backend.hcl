bucket = "vishwaops-offline-state-000000000000"
key    = "vishwaops-offline/terraform.tfstate"
region = "us-east-1"

# The offline cloud is an address, not a name that buckets could be a part of.
use_path_style = true
