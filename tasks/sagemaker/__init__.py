"""All calls of SageMaker: jobs, the model registry, endpoints. Offline and AWS differ by endpoint variables only."""
