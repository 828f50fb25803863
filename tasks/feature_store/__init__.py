"""The SageMaker Feature Store: groups of features that ingestion writes, and that training and predictions read."""
