"""The part of sagemaker-containers that scripts use."""
