"""Lets this process import the scripts by their names, with SageMaker's toolkit, as a container does."""

import sys

from config.settings import PROJECT, SCRIPTS

for folder in (SCRIPTS, PROJECT / "localstack" / "sagemaker_local" / "container" / "modules"):
    sys.path.append(str(folder))
