bucket = "vishwaops-offline-state-000000000000"
key    = "vishwaops-offline/terraform.tfstate"
region = "us-east-1"
