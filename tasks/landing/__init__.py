"""Dataset versions: a source's rows in part files in S3."""
