terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }

  # The values of environments/<environment>/backend.hcl, with the key <project>-<environment>/bootstrap.tfstate. See
  # platform/versions.tf for `encrypt`.
  backend "s3" {
    use_lockfile = true
  }
}

# Environment variables select the cloud: AWS_ENDPOINT_URL and others for the offline cloud. The account must be the
# environment's, so that a plan of one environment never reaches another.
provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = module.naming.tags
  }
}
