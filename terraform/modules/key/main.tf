data "aws_partition" "current" {}

locals {
  administration = {
    Sid       = "AccountDecidesByIam"
    Effect    = "Allow"
    Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }

  # A public key is read directly, not through a service.
  verifiers = length(var.verifiers) == 0 ? [] : [{
    Sid       = "Verifiers"
    Effect    = "Allow"
    Principal = { AWS = var.verifiers }
    Action    = "kms:GetPublicKey"
    Resource  = "*"
  }]

  readers = [
    for reader in var.readers == null ? [] : [var.readers] : {
      Sid       = "Readers"
      Effect    = "Allow"
      Principal = { AWS = reader.arns }
      Action    = "kms:Decrypt"
      Resource  = "*"
      Condition = { StringEquals = { "kms:ViaService" = reader.through } }
    }
  ]

  services = [
    for name, service in var.services : merge(
      {
        Sid       = title(name)
        Effect    = "Allow"
        Principal = { Service = service.principal }
        Action    = service.actions
        Resource  = "*"
      },
      { for key, condition in { Condition = service.condition } : key => condition if length(condition) > 0 },
    )
  ]
}

resource "aws_kms_key" "this" {
  #checkov:skip=CKV_AWS_7:KMS rotates no asymmetric key; the others are rotated
  description = var.description
  # Ed25519 is not among the specs of this version of the provider.
  customer_master_key_spec = var.signs ? "ECC_NIST_P256" : "SYMMETRIC_DEFAULT"
  enable_key_rotation      = !var.signs # KMS rotates no asymmetric key
  key_usage                = var.signs ? "SIGN_VERIFY" : "ENCRYPT_DECRYPT"
  deletion_window_in_days  = var.deletion_window_in_days
  policy                   = jsonencode({ Version = "2012-10-17", Statement = concat([local.administration], local.readers, local.verifiers, local.services) })
  tags                     = var.tags
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.alias}"
  target_key_id = aws_kms_key.this.key_id
}
