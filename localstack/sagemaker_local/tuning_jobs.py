"""The tuning job actions: the rules of Create, Stop, Delete, and the list of a tuning job's training jobs."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from sagemaker_local import service_model
from sagemaker_local.errors import ResourceNotFound, ValidationException
from sagemaker_local.job_stop import RUNNING, request_stop
from sagemaker_local.listing import read_token, write_token
from sagemaker_local.tuning_definitions import OBJECTIVE, blocks_of, definitions_of
from sagemaker_local.tuning_rules import check_request
from sagemaker_local.tuning_trials import objective_of, summary_of, trials_of

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.store import Record

KIND = "HyperParameterTuningJob"
DEFAULTS: dict[str, Any] = {
    "HyperParameterTuningJobStatus": "InProgress",
    "TrainingJobStatusCounters": dict.fromkeys(
        ("Completed", "InProgress", "RetryableError", "NonRetryableError", "Stopped"), 0
    ),
    "ObjectiveStatusCounters": dict.fromkeys(("Succeeded", "Pending", "Failed"), 0),
}
_COMPLETED = ("HyperParameterTuningJobConfig", "TrainingJobDefinition", "TrainingJobDefinitions")
_LIST = "ListTrainingJobsForHyperParameterTuningJob"
_DEFAULT_PAGE = 10


def prepare(engine: Engine, body: dict[str, Any]) -> None:
    """Refuses what can't run, and adds the further members of Describe."""
    body.update({member: copy.deepcopy(body[member]) for member in _COMPLETED if member in body})
    check_request(engine, body)
    config = body["HyperParameterTuningJobConfig"]
    config.setdefault("TrainingJobEarlyStoppingType", "Off")
    body["Strategy"], body["ResourceLimits"] = config["Strategy"], config["ResourceLimits"]  # as List has them
    for block, definition in zip(blocks_of(body), definitions_of(body), strict=True):
        block["StaticHyperParameters"] = {**definition.static, OBJECTIVE: definition.metric}


def start(engine: Engine, record: Record) -> None:
    engine.executors.tuning.start(record)


def stop(engine: Engine, record: Record) -> None:
    """StopHyperParameterTuningJob: no more training jobs start, and those that run are stopped.

    Raises:
        ValidationException: the tuning job has ended.
    """
    request_stop(engine, record, "tuning job")


def delete(engine: Engine, record: Record) -> None:
    """DeleteHyperParameterTuningJob: removes its record; its training jobs stay.

    Raises:
        ValidationException: the tuning job is in progress.
    """
    if record.status in RUNNING:
        raise ValidationException(f"The request was rejected because the tuning job is in status {record.status}.")
    engine.remove(record)


def list_training_jobs(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """ListTrainingJobsForHyperParameterTuningJob: by default sorted by name, ten to a page.

    Raises:
        ResourceNotFound: the tuning job does not exist.
    """
    record = engine.find(KIND, request["HyperParameterTuningJobName"])
    if record is None:
        arn = engine.arn(engine.kinds[KIND], request["HyperParameterTuningJobName"])
        raise ResourceNotFound(f"Amazon SageMaker can't find a tuning job with this ARN: {arn}.")

    def fits(trial: Record) -> bool:
        return request.get("StatusEquals", trial.status) == trial.status

    page_first = engine.behaviour.page_before_filter
    trials = [each for each in trials_of(engine, record) if page_first or fits(each)]
    by = request.get("SortBy", "Name")
    if by == "FinalObjectiveMetricValue":
        trials = [each for each in trials if objective_of(each) is not None]
    trials.sort(key=lambda each: _sort_key(by, each), reverse=request.get("SortOrder") == "Descending")
    first = read_token(request["NextToken"], int) if request.get("NextToken") else 0
    last = first + request.get("MaxResults", _DEFAULT_PAGE)
    member, shape = service_model.summary_list(_LIST)
    page = [service_model.project(summary_of(each), shape) for each in trials[first:last] if fits(each)]
    more = {"NextToken": write_token(last)} if last < len(trials) else {}
    return {member: page, **more}


def _sort_key(by: str, record: Record) -> Any:
    keys = {
        "Name": record.name,
        "CreationTime": record.created,
        "Status": record.status,
        "FinalObjectiveMetricValue": objective_of(record),
    }
    return keys[by], record.sequence
