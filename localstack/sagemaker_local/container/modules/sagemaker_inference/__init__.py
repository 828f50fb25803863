"""The part of AWS's sagemaker-inference package that scripts import inside its images."""
