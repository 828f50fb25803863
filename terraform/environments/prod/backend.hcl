bucket = "vishwaops-prod-state-222222222222"
key    = "vishwaops-prod/terraform.tfstate"
region = "us-east-1"
