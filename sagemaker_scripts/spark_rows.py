"""The program of a Spark job: `smspark-submit spark_rows.py ingest --job job.json --output FOLDER`.

Writes the result to FOLDER/result.json. A file that can't be read is a result as well: `error` has why.
"""

import argparse
import json
from pathlib import Path

from tabular.formats import FormatError
from tabular.spark.check_job import CheckJob
from tabular.spark.checks import check
from tabular.spark.ingest import ingest
from tabular.spark.ingest_job import IngestJob
from tabular.spark.session import spark_tasks

RESULT = "result.json"


def main() -> None:
    """Run one action."""
    arguments = _arguments()
    text = next(arguments.job.glob("*.json")).read_text(encoding="utf-8")
    with spark_tasks(f"vishwaops {arguments.action}") as parallel:
        try:
            if arguments.action == "ingest":
                result = ingest(IngestJob.of(text), parallel)
            else:
                result = check(CheckJob.of(text), parallel, arguments.output)
        except FormatError as error:
            result = {"error": str(error)}
    (arguments.output / RESULT).write_text(json.dumps(result), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Reads or checks rows by Spark.")
    parser.add_argument("action", choices=["ingest", "validate"])
    parser.add_argument("--job", type=Path, required=True, help="the folder with the job's JSON file")
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
