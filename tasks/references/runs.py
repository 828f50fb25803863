"""The record of a completed stage, and the references of a whole run."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from tasks.references.data import DatasetVersion, DataSplit, ValidatedDataset
from tasks.references.models import ModelEvaluation, Release, TrainedModel, TrainedModels
from tasks.references.reference import AnyReference, Kind, Reference
from tasks.references.serving import Deployment, DriftReport, Predictions


class StageRecord(BaseModel):
    """The record of a completed stage: its output, and the records of its inputs. Written once, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    use_case: str
    run: str
    stage: str
    started: datetime
    seconds: float
    ran: tuple[str, ...]
    """The cached steps that ran, because no earlier run had their result."""
    reused: bool
    """Whether the stage has cached steps and all their results come from earlier runs."""
    flow_run: str | None = None
    """Prefect's id of the flow run."""
    upstream: dict[str, str] = {}
    """The addresses of the records that it is computed from, by stage: its lineage."""
    reference: AnyReference


class LifecycleRun(Reference):
    """One run of the whole lifecycle."""

    run: str
    started: datetime
    records: tuple[StageRecord, ...]
    """The records of the stages, in order."""
    why: str = ""
    """Why it ran, for a retraining."""
    page: str | None = None
    """The path of the run's page on this machine; None on AWS."""
    page_uri: str | None = None
    """The page in S3."""

    def left(self, kind: type[Kind]) -> Kind:
        """Return the output of a kind. Raises LookupError when no stage of the run has one."""
        for record in self.records:
            if isinstance(record.reference, kind):
                return record.reference
        raise LookupError(f"run {self.run}: expected a {kind.__name__}; found none")

    @property
    def dataset(self) -> DatasetVersion:
        return self.left(DatasetVersion)

    @property
    def validated(self) -> ValidatedDataset:
        return self.left(ValidatedDataset)

    @property
    def split(self) -> DataSplit:
        return self.left(DataSplit)

    @property
    def models(self) -> tuple[TrainedModel, ...]:
        return self.left(TrainedModels).models

    @property
    def candidates(self) -> tuple[TrainedModel, ...]:
        return self.left(TrainedModels).candidates

    @property
    def evaluation(self) -> ModelEvaluation:
        return self.left(ModelEvaluation)

    @property
    def release(self) -> Release:
        return self.left(Release)

    @property
    def deployment(self) -> Deployment:
        return self.left(Deployment)

    @property
    def predictions(self) -> Predictions:
        return self.left(Predictions)

    @property
    def drift(self) -> DriftReport:
        return self.left(DriftReport)
