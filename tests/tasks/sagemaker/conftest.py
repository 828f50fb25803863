from tests.small_jobs import code, prefix, sagemaker

__all__ = ["code", "prefix", "sagemaker"]
