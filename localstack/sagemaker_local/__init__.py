"""An offline SageMaker: its API on one port, and jobs and endpoints that really run."""
