"""Spark's session, and tasks that find this code, its packages and S3. The only module that imports PySpark."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

PASSED_ON = ("AWS_", "PYTHONPATH", "SAGEMAKER_LOCAL_PYTHONPATH", "NO_PROXY", "no_proxy")
"""The beginnings of the variables that tasks on other instances need as well."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class SparkTasks:
    """Runs a function on items, each in a task of Spark."""

    def __init__(self, session: Any) -> None:
        self.session = session

    def __call__(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return the results in the order of the items. Raises the error of a task that fails."""
        if not items:
            return []
        context = self.session.sparkContext
        return list(context.parallelize(list(items), len(items)).map(function).collect())


@contextmanager
def spark_tasks(name: str) -> Iterator[SparkTasks]:
    """Start Spark for the body."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName(name).config("spark.sql.session.timeZone", "UTC")
    for variable, value in os.environ.items():
        if variable.startswith(PASSED_ON):
            builder = builder.config(f"spark.executorEnv.{variable}", value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("WARN")
    try:
        yield SparkTasks(session)
    finally:
        session.stop()
