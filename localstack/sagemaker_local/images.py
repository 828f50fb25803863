"""Which environment stands for a container image: a table to extend."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from sagemaker_local.errors import JobFailure


@dataclass(frozen=True)
class ImageEnvironment:
    """The interpreter that runs what the image would run, and the toolkit whose serving contract it follows."""

    python: str
    toolkit: str = "sagemaker-inference"
    """`sagemaker-inference` (XGBoost's image) or `sagemaker-containers` (scikit-learn's); see `container/README.md`."""


@dataclass(frozen=True)
class _Row:
    repository: str
    environment: ImageEnvironment


_SAME_AS_SERVER = ImageEnvironment(sys.executable)
_FLASK_BASED = ImageEnvironment(sys.executable, "sagemaker-containers")

# The repository's name in the image URI, as a regular expression; the first row that matches counts.
_TABLE = (
    _Row(r"scikit-learn", _FLASK_BASED),
    _Row(r"xgboost", _SAME_AS_SERVER),
    _Row(r"sagemaker-base-python|sagemaker-distribution|^python$", _SAME_AS_SERVER),
)


def environment_for(image: str) -> ImageEnvironment:
    """The environment of an image URI such as `<account>.dkr.ecr.<region>.amazonaws.com/sagemaker-xgboost:3.2-0`.

    Raises:
        JobFailure: no row of the table matches.
    """
    repository = re.split(r"[:@]", image.rsplit("/", 1)[-1])[0]
    for row in _TABLE:
        if re.search(row.repository, repository):
            return row.environment
    known = ", ".join(row.repository for row in _TABLE)
    raise JobFailure(
        f"ClientError: SageMaker local has no environment for image {image}. It knows repositories that match: "
        f"{known}. Add a row for {repository!r} to sagemaker_local/images.py."
    )
