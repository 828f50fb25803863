"""Builders for the tests of registration and deployment: a use case, its split, models and evaluations."""

from typing import Any
from uuid import uuid4

from config.use_case import UseCase
from tasks import locations, storage
from tasks.platform.seed import seed_use_case
from tasks.plots import PLOTS
from tasks.references import DataSplit, ModelEvaluation, RegisteredModel, Release, TrainedModel, TrainedModels
from tasks.register import approve, promote, register_package, track
from tests.sagemaker_local.support import archive
from tests.use_cases import small_use_case

POINTS = {
    "classes": ["no", "yes"],
    "confusion": [[4, 1], [2, 3]],
    "roc": {"challenger": {"fpr": [0.0, 0.2, 1.0], "tpr": [0.0, 0.6, 1.0]}},
}
NAIVE = 0.5
A_MODEL = archive(model_txt="a model")
"""The model.tar.gz of a model that is not served."""


def new_use_case(**changes: Any) -> UseCase:
    """A unique use case with its platform resources."""
    case = small_use_case(name=f"t_{uuid4().hex[:10]}", **changes)
    seed_use_case(case.name)
    return case


def new_split(case: UseCase, dataset: str = "d1") -> DataSplit:
    """The published split of a dataset version; its parts hold no rows."""
    digest = uuid4().hex[:16]
    folder = locations.split(case.name, digest)
    rows = {"train": 6, "validation": 2, "test": 2}
    known = {"use_case": case.name, "digest": digest, "dataset": dataset, "unused_features": {}}
    return DataSplit.of_manifest(folder, storage.publish(folder, {}, {**known, "rows": rows}))


def new_model(case: UseCase, split: DataSplit, body: bytes = A_MODEL) -> TrainedModel:
    """A trained model whose model.tar.gz is `body`."""
    job = f"{case.slug}-logistic-{uuid4().hex[:8]}"
    uri = f"{locations.jobs(case.name)}/{job}/output/model.tar.gz"
    storage.put(uri, body)
    return TrainedModel(
        use_case=case.name,
        candidate="logistic",
        algorithm="logistic_regression",
        split_digest=split.digest,
        job_name=job,
        job_arn=f"arn:aws:sagemaker:us-east-1:000000000000:training-job/{job}",
        model_uri=uri,
        metrics={"train:roc_auc": 0.9, "validation:roc_auc": 0.8},
        seconds=1.0,
    )


def new_evaluation(
    case: UseCase, model: TrainedModel, value: float, champion: RegisteredModel | None = None, beaten: float = 0.7
) -> ModelEvaluation:
    """An evaluation with the metric `value` of the model, and `beaten` of the champion, if any."""
    job = f"{case.slug}-evaluation-{uuid4().hex[:8]}"
    uri = f"{locations.evaluations(case.name)}/{job}/evaluation.json"
    storage.put_json(uri, {"points": POINTS})
    storage.put_json(f"{uri.rpartition('/')[0]}/{PLOTS}", {"ROC": "<svg/>"})
    return ModelEvaluation(
        use_case=case.name,
        model=model,
        split_digest=model.split_digest,
        job_name=job,
        job_arn=f"arn:aws:sagemaker:us-east-1:000000000000:processing-job/{job}",
        uri=uri,
        rows=2,
        primary="roc_auc",
        metrics={"roc_auc": value},
        baseline={"roc_auc": NAIVE},
        champion={"roc_auc": beaten} if champion else None,
        champion_arn=champion.model_package_arn if champion else None,
    )


def new_release(
    case: UseCase, value: float, champion: RegisteredModel | None = None, body: bytes = A_MODEL, beaten: float = 0.7
) -> Release:
    """Register a new model of a new split with the metric `value`; the champion's is `beaten`."""
    split = new_split(case)
    model = new_model(case, split, body)
    return take_steps(case, split, of_split(split, model), new_evaluation(case, model, value, champion, beaten))


def of_split(split: DataSplit, *models: TrainedModel) -> TrainedModels:
    """The models of a split."""
    return TrainedModels(use_case=split.use_case, split_digest=split.digest, models=models)


def take_steps(case: UseCase, split: DataSplit, models: TrainedModels, evaluation: ModelEvaluation) -> Release:
    """The steps of `register`, without Prefect."""
    run = track.fn(case, split, models, evaluation)
    arn = register_package.fn(case, split, evaluation, run)
    return promote.fn(case, evaluation, approve.fn(case, evaluation, run, arn))
