terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }

  # Bucket, key and region come from environments/<environment>/backend.hcl. `encrypt` stays off: it asks for S3's own
  # key, which the bucket refuses; without it the bucket's KMS key encrypts the state.
  backend "s3" {
    use_lockfile = true
  }
}

# Where AWS is, the environment says: AWS_ENDPOINT_URL and its like for the offline cloud. The account must be the
# environment's own, so that no plan of one reaches another.
provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]
}
