"""Lets this process import the scripts as a container does: by their own names, beside SageMaker's toolkit."""

import sys

from config.settings import PROJECT, SCRIPTS

for folder in (SCRIPTS, PROJECT / "localstack" / "sagemaker_local" / "container" / "modules"):
    sys.path.append(str(folder))
