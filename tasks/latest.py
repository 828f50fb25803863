"""Remembers the reference that each stage left last, so that the next stage can be run by itself."""

from typing import TypeVar

from config.errors import MissingInput
from tasks import locations, storage
from tasks.references import (
    DatasetVersion,
    DataSplit,
    Deployment,
    DriftReport,
    ModelEvaluation,
    Predictions,
    Reference,
    Release,
    TrainedModel,
    ValidatedDataset,
)

Kind = TypeVar("Kind", bound=Reference)

STAGES: dict[type[Reference], str] = {
    DatasetVersion: "ingest",
    ValidatedDataset: "validate",
    DataSplit: "split",
    TrainedModel: "train",
    ModelEvaluation: "evaluate",
    Release: "register",
    Deployment: "deploy",
    Predictions: "predict",
    DriftReport: "monitor",
}
"""Which stage leaves what."""


def remember(reference: Kind, part: str = "") -> Kind:
    """Store `reference` as the last of its kind; `part` tells several of one kind apart. Returns it."""
    storage.put(_uri(reference.use_case, type(reference), part), reference.model_dump_json(indent=2).encode())
    return reference


def recall(use_case: str, kind: type[Kind], part: str = "") -> Kind:
    """Return the last reference of a kind. Raises MissingInput when no stage has left one."""
    try:
        return kind.model_validate_json(storage.get(_uri(use_case, kind, part)))
    except FileNotFoundError as error:
        stage = "train" if kind is DataSplit else STAGES[kind]
        raise MissingInput(
            f"{use_case}: expected the output of {stage}, found nothing at {_uri(use_case, kind, part)}. "
            f"Run it first: vishwaops run {stage}, or vishwaops run lifecycle for every stage, with the same --use-case"
        ) from error


def _uri(use_case: str, kind: type[Reference], part: str) -> str:
    return locations.latest(use_case, f"{STAGES[kind]}-{part}" if part else STAGES[kind])
