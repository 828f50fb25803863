"""References: small frozen values with the addresses of data in S3. Stages pass them to each other."""

from tasks.references.data import DatasetVersion, DataSplit, ValidatedDataset
from tasks.references.ground_truth import GroundTruthBatch
from tasks.references.models import (
    Champion,
    ColumnAlone,
    Comparison,
    Estimate,
    ModelEvaluation,
    RegisteredModel,
    Release,
    TrainedModel,
    TrainedModels,
)
from tasks.references.monitoring import LiveFigure, Loss, MonitoringReport, Span, TrafficCounts
from tasks.references.planned_training import PlannedTraining
from tasks.references.reference import AnyReference, Kind, Reference, decode, encode
from tasks.references.runs import LifecycleRun, StageRecord
from tasks.references.serving import BatchScores, Deployment, DriftReport, FeatureDrift, Predictions

__all__ = [
    "AnyReference",
    "BatchScores",
    "Champion",
    "ColumnAlone",
    "Comparison",
    "DataSplit",
    "DatasetVersion",
    "Deployment",
    "DriftReport",
    "Estimate",
    "FeatureDrift",
    "GroundTruthBatch",
    "Kind",
    "LifecycleRun",
    "LiveFigure",
    "Loss",
    "ModelEvaluation",
    "MonitoringReport",
    "PlannedTraining",
    "Predictions",
    "Reference",
    "RegisteredModel",
    "Release",
    "Span",
    "StageRecord",
    "TrafficCounts",
    "TrainedModel",
    "TrainedModels",
    "ValidatedDataset",
    "decode",
    "encode",
]
