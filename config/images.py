"""The images of jobs and endpoints: AWS's prebuilt ones, and our own, which sagemaker_scripts/Dockerfile builds."""

import re

from config import settings

OWN = f"{settings.NAME}-model"
"""The repository of our own image in a profile. Terraform creates one for each environment."""
_IN_AN_ENVIRONMENT = re.compile(rf"^{settings.NAME}-[a-z0-9]+-model(?=:)")
"""The name of that repository in ECR, such as vishwaops-prod-model."""


def is_own(image: str) -> bool:
    """Whether a profile's image, `<repository>:<tag>`, is our own."""
    return image.partition(":")[0] == OWN


def name_of(uri: str) -> str:
    """Return the `<repository>:<tag>` of an image's URI, as a profile has it: without registry and environment."""
    return _IN_AN_ENVIRONMENT.sub(OWN, uri.partition("/")[2])
