"""Each stage as a flow of its own: it goes on from what the stage before it left last."""

from prefect import flow

from config.use_case import UseCase
from flows.session.runtime import AT_THE_SAME_TIME, begin
from tasks import deploy as deploying
from tasks import evaluate as evaluating
from tasks import ingest as ingesting
from tasks import monitor as monitoring
from tasks import predict as predicting
from tasks import register as registering
from tasks import split as splitting
from tasks import train as training
from tasks import validate as validating
from tasks.cloudwatch_metrics import publish_drift, publish_quality
from tasks.latest import recall, remember
from tasks.references import (
    DatasetVersion,
    DataSplit,
    Deployment,
    DriftReport,
    ModelEvaluation,
    Predictions,
    Release,
    TrainedModel,
    ValidatedDataset,
)


@flow(flow_run_name="ingest-{use_case}")
def ingest(use_case: str, source: str | None = None) -> DatasetVersion:
    """Publish the source's rows as a dataset version."""
    return remember(ingesting.ingest(begin(use_case), source))


@flow(flow_run_name="validate-{use_case}")
def validate(use_case: str) -> ValidatedDataset:
    """Judge the rows of the last dataset version."""
    case = begin(use_case)
    return remember(validating.validate(case, recall(case.name, DatasetVersion)))


@flow(flow_run_name="train-{use_case}", task_runner=AT_THE_SAME_TIME)
def train(use_case: str) -> list[TrainedModel]:
    """Split the last validated rows and train every candidate on them."""
    case = begin(use_case)
    parts = remember(splitting.split(case, recall(case.name, ValidatedDataset)))
    jobs = {candidate.name: training.train.submit(case, parts, candidate) for candidate in case.candidates}
    models = {name: job.result() for name, job in jobs.items()}  # all of one split, or none is remembered
    return [remember(model, name) for name, model in models.items()]


@flow(flow_run_name="evaluate-{use_case}")
def evaluate(use_case: str) -> ModelEvaluation:
    """Judge the best of the models that were trained last."""
    case = begin(use_case)
    model = training.best(case, _models(case))
    return remember(evaluating.evaluate(case, recall(case.name, DataSplit), model))


@flow(flow_run_name="register-{use_case}")
def register(use_case: str) -> Release:
    """Register the model that was evaluated last."""
    case = begin(use_case)
    evaluation = recall(case.name, ModelEvaluation)
    return remember(registering.register(case, recall(case.name, DataSplit), _models(case), evaluation))


@flow(flow_run_name="deploy-{use_case}")
def deploy(use_case: str) -> Deployment:
    """Make the endpoint serve the champion."""
    case = begin(use_case)
    return remember(deploying.deploy(case, recall(case.name, Release)))


@flow(flow_run_name="predict-{use_case}")
def predict(use_case: str, source: str | None = None) -> Predictions:
    """Score the rows at `source`, or the held-out rows when none is given."""
    case = begin(use_case)
    deployment = recall(case.name, Deployment)
    if source:
        predictions = remember(predicting.predict_file(case, deployment, source))
    else:
        predictions = remember(predicting.predict_held_out(case, deployment, recall(case.name, DataSplit)))
    publish_quality(predictions)
    return predictions


@flow(flow_run_name="monitor-{use_case}")
def monitor(use_case: str) -> DriftReport:
    """Compare the rows that were scored last with those that the last models were trained on."""
    case = begin(use_case)
    report = remember(monitoring.monitor(case, recall(case.name, DataSplit), recall(case.name, Predictions)))
    publish_drift(report)
    return report


def _models(case: UseCase) -> list[TrainedModel]:
    """The models of the last `train`: one for each candidate, all of one split. Raises MissingInput."""
    return [recall(case.name, TrainedModel, candidate.name) for candidate in case.candidates]
