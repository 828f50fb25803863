"""The scripts of a training job, from the input channel `code`: the container needs no access to S3."""

import shutil
import tarfile
from pathlib import Path

from container.failure import ContainerFailure
from container.training_job import CODE, TrainingJob


def take(job: TrainingJob) -> Path:
    """Put the channel's files into the job's code folder, and return the script.

    An archive (*.tar.gz) is unpacked. Raises ContainerFailure when the channel, an archive's content or the script is
    missing or invalid.
    """
    channel = job.channel(CODE)
    found = sorted(channel.iterdir()) if channel.is_dir() else []
    if not found:
        raise ContainerFailure(f"channel {CODE}: expected the scripts or an archive of them in {channel}, found none")
    for path in found:
        _put(path, job.code)
    script = job.code / job.program
    if not (script.is_file() and script.resolve().is_relative_to(job.code.resolve())):
        names = ", ".join(sorted(path.name for path in job.code.iterdir()))
        raise ContainerFailure(f"channel {CODE}: expected the script {job.program}, found {names}")
    return script


def _put(path: Path, folder: Path) -> None:
    if path.is_dir():
        shutil.copytree(path, folder / path.name, dirs_exist_ok=True)
    elif path.name.endswith((".tar.gz", ".tgz")):
        _unpack(path, folder)
    else:
        shutil.copyfile(path, folder / path.name)


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ContainerFailure(f"channel {CODE}: {archive.name} can't be unpacked: {error}") from error
