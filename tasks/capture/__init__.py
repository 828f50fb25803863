"""Reads what SageMaker has captured of an endpoint: requests and their answers, as the model read them."""
