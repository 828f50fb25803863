terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

# Environment variables select the cloud: AWS_ENDPOINT_URL and others for the offline cloud. The account must be the
# environment's, so that a plan of one environment never reaches another.
provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]
}
