terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }

  # Bucket, key and region come from environments/<environment>/backend.hcl. `encrypt` stays off: it selects the S3 managed
  # key, which the bucket refuses; without it the bucket's KMS key encrypts the state.
  backend "s3" {
    use_lockfile = true
  }
}

# Environment variables select the cloud: AWS_ENDPOINT_URL and others for the offline cloud. The account must be the
# environment's, so that a plan of one environment never reaches another.
provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  # The modules tag everything themselves. These are for what a module of another origin adds.
  default_tags {
    tags = local.tags
  }
}
