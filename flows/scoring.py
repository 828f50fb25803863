"""The flow that scores many rows by batch transform."""

from prefect import flow

from config.errors import ConfigError
from config.profile import MOST_INSTANCES
from flows.run import open_run
from flows.session.hooks import JOB_ENDINGS
from flows.session.runtime import begin
from flows.stages import SCORE
from tasks.references import StageRecord
from tasks.step_results import FLOW


@flow(name="score", flow_run_name="score-{use_case}", **JOB_ENDINGS, **FLOW)
def score(use_case: str, source: str | None = None, instances: int | None = None, fresh: bool = False) -> StageRecord:
    """Score the rows at `source`, by default those of the configured source, by the champion.

    `source` is the path or address of a file; a folder or an `s3://` prefix that ends with a slash; or
    `table:<use case>`. `instances` replaces the profile's number. What an earlier run has scored is not scored again,
    unless `fresh`. Raises ConfigError for another number of instances than 1 to 100, and the errors of
    config/errors.py.
    """
    if instances is not None and not 1 <= instances <= MOST_INSTANCES:
        raise ConfigError(f"instances: expected 1 to {MOST_INSTANCES}; found {instances}")
    case = begin(use_case)
    with open_run(case, SCORE.name, source, fresh) as run:
        return run.perform(SCORE, source, instances=instances)
