bucket = "vishwaops-offline-state-000000000000"
key    = "vishwaops-offline/terraform.tfstate"
region = "us-east-1"

# The offline cloud is an IP address, which bucket names can't be a subdomain of.
use_path_style = true
