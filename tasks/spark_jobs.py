"""Runs a program of `engine: spark` as a processing job of AWS's Spark image."""

from pathlib import Path
from typing import Any

from config.use_case import UseCase
from tasks import digests, locations, names, scripts, spark_packages, storage
from tasks.sagemaker import processing_jobs

PROGRAM, RESULT = "spark_rows.py", "result.json"


def run_spark_job_with_files(
    use_case: UseCase, action: str, job: str, folder: Path
) -> tuple[dict[str, Any], dict[str, Path]]:
    """Run a job as `run_spark_job`, and copy the other files of its output to a folder. Returns both."""
    output = _run(use_case, action, job)
    paths = {name: folder / name for name in storage.names(output) if name != RESULT}
    for name, path in paths.items():
        storage.download(f"{output}/{name}", path)
    return storage.get_json(f"{output}/{RESULT}"), paths


def run_spark_job(use_case: UseCase, action: str, job: str) -> dict[str, Any]:
    """Run an action of `sagemaker_scripts/spark_rows.py` on a job, which is JSON, and return its result.

    Raises ConfigError when this machine has no packages for it, and JobFailed when the job fails.
    """
    found: dict[str, Any] = storage.get_json(f"{_run(use_case, action, job)}/{RESULT}")
    return found


def _run(use_case: UseCase, action: str, job: str) -> str:
    """Run a job, and return the address of its output."""
    folder = locations.spark_job(use_case.name, digests.of_bytes(job.encode()))
    inputs = {"packages": spark_packages.upload(use_case.name), "job": f"{folder}/job.json"}
    storage.put(inputs["job"], job.encode())
    ended = processing_jobs.run_processing_job(
        names.spark_jobs(use_case, action),
        use_case=use_case.name,
        program=PROGRAM,
        source_dir=scripts.upload(use_case.name),
        inputs=inputs,
        arguments=[
            action,
            "--job",
            f"{processing_jobs.INPUT}/job",
            "--output",
            processing_jobs.OUTPUT,
        ],
        output=f"{folder}/output",
        leaves=RESULT,
        tags={"use-case": use_case.name, "stage": action},
        container=processing_jobs.spark_container(),
    )
    return ended.output_uri
