"""The flow that lands a stream's records and runs on until a signal or a cancellation ends it."""

from itertools import islice

from prefect import flow

from flows.run import open_run
from flows.session.hooks import ENDINGS
from flows.session.runtime import begin
from tasks.references import DatasetVersion
from tasks.step_results import FLOW
from tasks.streaming.micro_batches import micro_batches


@flow(name="stream", flow_run_name="stream-{use_case}", **ENDINGS, **FLOW)
def stream(use_case: str, commits: int | None = None) -> DatasetVersion | None:
    """Land the records of a use case's stream in micro-batches, each in one commit with its position.

    Ends after this many micro-batches; without a number only by a signal, a cancellation or an error. It may be killed
    at any time: the next one begins after the last commit. Returns the last dataset version. Raises ConfigError when
    the source is not a stream, and the errors of config/errors.py.
    """
    case, latest = begin(use_case), None
    with open_run(case, "stream", None, fresh=False):
        for version in islice(micro_batches(case), commits):
            latest = version
    return latest
