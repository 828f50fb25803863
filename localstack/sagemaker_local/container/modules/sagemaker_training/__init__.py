"""The part of AWS's sagemaker-training package that scripts import inside its images."""
