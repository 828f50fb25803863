"""Runs a Spark application as `smspark-submit` of AWS's Spark images does, by Spark on this machine instead of YARN.

The options, the exit code, /opt/ml/output/message and the publication of event logs are those of
aws/sagemaker-spark-container (`cli.py`, `job.py`, `errors.py`). The first instance runs the application; on the others
YARN would run executors, so here they end at once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

LISTS = ("jars", "py_files", "files")
LONGEST_MESSAGE = 1024
LOCAL = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
}

JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Short jobs: compiling their code further would take longer than running it."""


class Failure(Exception):
    """The job fails with this message and exit code."""

    def __init__(self, cause: str, message: str, code: int = 1) -> None:
        super().__init__(f"Algorithm Error: (caused by {cause}): {message}"[:LONGEST_MESSAGE].strip())
        self.code = code


class Options(argparse.ArgumentParser):
    """The options before the application. What follows it belongs to the application."""

    def __init__(self) -> None:
        super().__init__("smspark-submit", allow_abbrev=False)
        self.add_argument("--class", dest="class_")
        for name in LISTS:
            self.add_argument(f"--{name.replace('_', '-')}")
        self.add_argument("--spark-event-logs-s3-uri")
        self.add_argument("--local-spark-event-logs-dir")
        self.add_argument("-v", "--verbose", action="store_true")
        self.add_argument("app")
        self.add_argument("arguments", nargs=argparse.REMAINDER)

    def error(self, message: str) -> None:  # type: ignore[override]
        raise Failure("UsageError", f"Couldn't parse input.: {message}")


def main(words: list[str]) -> int:
    """Run the application and return the exit code of the container."""
    try:
        options = Options().parse_args(words)
        if _is_first_instance():
            _run(options)
    except Failure as failure:
        message = _ml() / "output" / "message"
        message.parent.mkdir(parents=True, exist_ok=True)
        message.write_text(str(failure))
        sys.stderr.write(f"exiting with code {failure.code}: {failure}\n")
        return failure.code
    return 0


def _ml() -> Path:
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def _is_first_instance() -> bool:
    config = json.loads((_ml() / "config" / "resourceconfig.json").read_text())
    return bool(config["current_host"] == sorted(config["hosts"])[0])


def _run(options: argparse.Namespace) -> None:
    import pyspark

    home = Path(pyspark.__file__).parent
    events = _event_logs(options)
    command = [
        str(home / "bin" / "spark-submit"),
        "--master",
        "local[*]",
        "--driver-java-options",
        JAVA_OPTIONS,
        *_spark_options(options, events),
    ]
    environment = os.environ | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONHASHSEED": "0"}
    environment |= {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    done = subprocess.run([*command, options.app, *options.arguments], env=environment, check=False)
    if events and options.spark_event_logs_s3_uri:
        _publish(events, options.spark_event_logs_s3_uri)
    if done.returncode:
        cause = f"Command returned non-zero exit status {done.returncode}."
        raise Failure("CalledProcessError", f"spark failed with a non-zero exit code: {cause}", done.returncode)


def _event_logs(options: argparse.Namespace) -> Path | None:
    named = options.local_spark_event_logs_dir
    if not named and not options.spark_event_logs_s3_uri:
        return None
    folder = Path(named or _ml() / "spark-events")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _spark_options(options: argparse.Namespace, events: Path | None) -> Iterator[str]:
    conf = dict(LOCAL)
    if events:
        conf |= {"spark.eventLog.enabled": "true", "spark.eventLog.dir": events.resolve().as_uri()}
    for name, value in conf.items():
        yield from ("--conf", f"{name}={value}")
    if options.class_:
        yield from ("--class", options.class_)
    for name in LISTS:
        if paths := getattr(options, name):
            yield from (f"--{name.replace('_', '-')}", ",".join(_files(paths)))
    if options.verbose:
        yield "--verbose"


def _files(paths: str) -> Iterator[str]:
    """Yield the files of a comma-separated list, and those in its folders."""
    for each in paths.split(","):
        path = Path(each)
        if urlparse(each).scheme in ("s3", "s3a"):
            yield each
        elif not path.is_absolute() or not path.exists():
            found = "does not exist" if path.is_absolute() else "must be an absolute path to a file or directory"
            raise Failure("ValueError", f"error preparing for spark submit: file path {each} {found}")
        elif path.is_file():
            yield each
        elif files := sorted(str(file) for file in path.iterdir() if file.is_file()):
            yield from files
        else:
            raise Failure("ValueError", f"error preparing for spark submit: Found zero files in {each}")


def _publish(events: Path, uri: str) -> None:
    import boto3

    bucket, _, prefix = uri.split("://", 1)[1].partition("/")
    for file in filter(Path.is_file, events.rglob("*")):
        key = "/".join(filter(None, [prefix.strip("/"), file.relative_to(events).as_posix()]))
        boto3.client("s3").upload_file(str(file), bucket, key)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
