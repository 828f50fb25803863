bucket = "vishwaops-dev-state-111111111111"
key    = "vishwaops-dev/terraform.tfstate"
region = "us-east-1"
