"""Signatures: of the audit log's checkpoints, and of registered models.

keys        the signing key: files of this machine offline, a KMS key on AWS
"""
