"""The programs of our image: `train`, `serve` and `run-as-user`. README.md says how SageMaker runs them."""
