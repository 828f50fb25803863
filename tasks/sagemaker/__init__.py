"""All calls to SageMaker: jobs, the model registry, endpoints. Offline and AWS differ only by endpoint variables."""
