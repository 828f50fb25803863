"""Signatures: of the audit log's checkpoints, and of registered models.

keys        the signing key: files of this machine offline, a KMS key on AWS
archive     the files of a model.tar.gz
bundle      signatures as OpenSSF model-signing writes them
models      signs and verifies a registered model
bill        the bill of materials of a registered model (CycloneDX)
"""
