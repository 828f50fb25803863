"""Engineered features: fitted to the training rows by steps of a pipeline, and compiled like its other steps."""
