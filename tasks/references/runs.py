"""The record of a stage that a run has ended, and the references of a whole run."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from tasks.references.data import DatasetVersion, DataSplit, ValidatedDataset
from tasks.references.models import ModelEvaluation, Release, TrainedModel, TrainedModels
from tasks.references.reference import AnyReference, Kind, Reference
from tasks.references.serving import Deployment, DriftReport, Predictions


class StageRecord(BaseModel):
    """A stage that a run has ended: what it left, and what that was made from. Written once, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    use_case: str
    run: str
    stage: str
    started: datetime
    seconds: float
    ran: tuple[str, ...]
    """The cached steps that ran, for want of an earlier run's result."""
    reused: bool
    """Whether an earlier run had left the results of all its cached steps, of which it has one at least."""
    flow_run: str | None = None
    """Prefect's id of the flow run."""
    upstream: dict[str, str] = {}
    """The addresses of the records of the stages before it, by stage: all of one line."""
    reference: AnyReference


class LifecycleRun(Reference):
    """One pass through the whole lifecycle."""

    run: str
    started: datetime
    records: tuple[StageRecord, ...]
    """Of each stage, in order."""
    page: str | None = None
    """The path of the run's page on this machine; None on AWS."""
    page_uri: str | None = None
    """The page in S3."""

    def left(self, kind: type[Kind]) -> Kind:
        """The reference of a kind that a stage left. Raises LookupError when none has."""
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
