"""The stages that consist of several steps. Those of one step are in the stage's module in `tasks/`."""

from config.use_case import UseCase
from flows.session.active_run import results
from tasks import evaluate as evaluating
from tasks import monitor as monitoring
from tasks import predict as predicting
from tasks import refit as refitting
from tasks import register as registering
from tasks import train as training
from tasks import training_costs
from tasks import validate as validating
from tasks.batch import prepare as preparing
from tasks.batch import results as collecting
from tasks.batch import transform as transforming
from tasks.champion import find_champion
from tasks.cloudwatch_metrics import publish_drift, publish_quality
from tasks.experiments.registered_models import mirror
from tasks.feature_store.writing import write_features
from tasks.lineage.same_split import require_split
from tasks.model_card.publish import write_card
from tasks.references import (
    BatchScores,
    DatasetVersion,
    DataSplit,
    Deployment,
    DriftReport,
    ModelEvaluation,
    Predictions,
    Release,
    TrainedModels,
    ValidatedDataset,
)
from tasks.traffic.reference import store_reference


def validate(use_case: UseCase, dataset: DatasetVersion) -> ValidatedDataset:
    """Separate the rows that fit the schema from the others, and write them to the feature group, if there is one."""
    validated = validating.validate(use_case, dataset)
    if use_case.feature_store:
        write_features(use_case, validated)
    return validated


def train(use_case: UseCase, parts: DataSplit) -> TrainedModels:
    """Train every candidate in parallel on the same split, and refit the winner. Raises if a candidate fails."""
    planned = training_costs.plan(use_case)
    jobs = [training.train.submit(use_case, parts, candidate) for candidate in use_case.candidates]
    models = tuple(results(jobs))
    winner = training.best(use_case, models)
    if use_case.training.refit:
        models += (refitting.refit(use_case, parts, winner),)
    return TrainedModels(
        use_case=use_case.name, split_digest=parts.digest, models=models, winner=winner.candidate, planned=planned
    )


def evaluate(use_case: UseCase, parts: DataSplit, models: TrainedModels) -> ModelEvaluation:
    """Evaluate the winner, as refitted, and the champion on the held-out rows."""
    model = models.final or training.best(use_case, models.models)
    return evaluating.evaluate(use_case, parts, model, find_champion(use_case, model))


def register(
    use_case: UseCase, rows: ValidatedDataset, parts: DataSplit, models: TrainedModels, evaluation: ModelEvaluation
) -> Release:
    """Track the evaluated model, register it, decide on its approval, and make it champion if it is better.

    The version gets its model card, and MLflow shows it.

    Raises GateError, before anything is registered, when a model or the evaluation is from another split.
    """
    require_split(parts, evaluation, evaluation.model, *models.models)
    run = registering.track(use_case, parts, models, evaluation)
    arn = registering.register_package(use_case, parts, evaluation, run)
    approval = registering.approve(use_case, evaluation, run, arn)
    release = registering.promote(use_case, evaluation, approval)
    release = write_card(use_case, rows, parts, models, evaluation, release)
    mirror(use_case, release.model_package_arn)
    return release


def predict(use_case: UseCase, parts: DataSplit, deployment: Deployment, source: str | None = None) -> Predictions:
    """Score the held-out rows, or the rows at `source`, by the endpoint."""
    if source:
        predictions = predicting.predict_file(use_case, deployment, source)
    else:
        served = deployment.model_copy(update={"changed": False})  # `changed` must not change the cache key
        predictions = predicting.predict_held_out(use_case, served, parts)
    publish_quality(predictions)
    return predictions


def score(use_case: UseCase, source: str | None = None, instances: int | None = None) -> BatchScores:
    """Score the rows at `source`, or of the configured source, by a batch transform job of the champion."""
    model = transforming.scoring_model(use_case)
    plan = preparing.prepare(use_case, source)
    if found := collecting.find_scores(use_case, plan, model):
        return found
    transforming.transform(use_case, plan, model, instances)
    return collecting.collect(use_case, plan, model)


def monitor(use_case: UseCase, predictions: Predictions) -> DriftReport:
    """Compare the scored rows with the training rows of the served model, and store what its live traffic is compared
    with.
    """
    store_reference(use_case, predictions)
    report = monitoring.monitor(use_case, predictions.trained_on, predictions)
    publish_drift(report, each_feature=use_case.monitoring.feature_metrics)
    return report
