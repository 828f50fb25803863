"""Scoring by batch transform: the rows of a source as shards in S3, a transform job, and its answers joined with them.

source → `columns`, `intake` (typed rows) → `shards` (Parquet in S3) → `plan` → `answers` (by SageMaker) → `joining` →
`parts` (predictions and quarantine). Only a few shards are in memory at a time, and each step finds what an earlier run
has completed.
"""
