"""The metrics of a training job: from `metrics.json` of its output, else from the lines of its log."""

import json
import math
import tarfile
from collections.abc import Mapping, Sequence
from typing import IO, Any

from config.errors import JobFailed
from tasks import storage
from tasks.sagemaker.job_kinds import TRAINING

FILE = "metrics.json"
"""A file that the script writes to SM_OUTPUT_DATA_DIR: an object of metrics by name."""
PLACES = (FILE, f"data/{FILE}")
LONGEST = 1 << 20
"""Bytes of the file that are read."""


def metrics_of(job: Mapping[str, Any], names: Sequence[str], required: Sequence[str]) -> dict[str, float]:
    """Return the finite metrics with these names of a completed job.

    The file comes first: SageMaker reads the log by regular expressions, and leaves out what arrives late, or is `nan`.
    Raises JobFailed when one of `required` is missing or not finite, or when the file can't be read.
    """
    name, uri = TRAINING.name(dict(job)), output_uri(job)
    printed = {metric["MetricName"]: metric["Value"] for metric in job.get("FinalMetricDataList", [])}
    found = {**printed, **_written(name, uri)}
    for metric in required:
        if not is_finite(found.get(metric)):
            raise JobFailed(
                f"training job {name}: expected a finite {metric}, found {found.get(metric, 'none')}. It should be in "
                f"{FILE} of {uri}, or a line '{metric}=<number>;' of its log (CloudWatch Logs, group "
                f"{TRAINING.log_group}, streams {name}/), which says why: the validation rows may lack a class"
            )
    return {metric: float(found[metric]) for metric in names if is_finite(found.get(metric))}


def output_uri(job: Mapping[str, Any]) -> str:
    """The address of the archive of the files that the script wrote to SM_OUTPUT_DATA_DIR."""
    folder, _, _ = str(job["ModelArtifacts"]["S3ModelArtifacts"]).rpartition("/")
    return f"{folder}/output.tar.gz"


def is_finite(value: Any) -> bool:
    """Whether a metric has a value."""
    return isinstance(value, int | float) and math.isfinite(value)


def _written(name: str, uri: str) -> dict[str, Any]:
    """The metrics in the file; none when the script has not written one."""
    try:
        with storage.opened(uri) as archive:
            return _read(archive)
    except FileNotFoundError:
        return {}
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise JobFailed(
            f"training job {name}: expected an object of metrics by name in {FILE} of {uri}, found: {error}. "
            "Correct the script that writes it, and train again"
        ) from error


def _read(archive: IO[bytes]) -> dict[str, Any]:
    with tarfile.open(fileobj=archive, mode="r:gz") as tar:
        for member in tar:
            if member.isfile() and member.name.removeprefix("./") in PLACES and (file := tar.extractfile(member)):
                found = json.loads(file.read(LONGEST))
                if not isinstance(found, dict):
                    raise ValueError(f"a {type(found).__name__}")
                return found
    return {}
