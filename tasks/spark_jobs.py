"""Runs a program of `engine: spark` as a processing job of AWS's Spark image."""

from typing import Any

from config.use_case import UseCase
from tasks import digests, locations, names, scripts, spark_packages, storage
from tasks.sagemaker import processing_jobs

PROGRAM, RESULT = "spark_rows.py", "result.json"


def run_spark_job(use_case: UseCase, action: str, job: str) -> dict[str, Any]:
    """Run an action of `sagemaker_scripts/spark_rows.py` on a job, which is JSON, and return its result.

    Raises ConfigError when this machine has no packages for it, and JobFailed when the job fails.
    """
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
    found: dict[str, Any] = storage.get_json(f"{ended.output_uri}/{RESULT}")
    return found
