"""The part of AWS's sagemaker-containers package that scripts import inside its images."""
