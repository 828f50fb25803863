"""An offline SageMaker: its API on one port, and behind it jobs and endpoints that really run."""
