"""The small frozen values that travel between stages. Data stays in S3; a reference names it."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

Kind = TypeVar("Kind", bound="Reference")


class Reference(BaseModel):
    """Names something that a stage has left, and carries the figures that people ask for first."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    use_case: str

    @property
    def headline(self) -> str:
        """Its figures in one line."""
        return ""


def encode(reference: Reference) -> bytes:
    """A reference as JSON: its class's name as `kind`, and its `value`."""
    return json.dumps(_tagged(reference), indent=1).encode()


def decode(content: bytes | str) -> Reference:
    """The reference that `encode` wrote. Raises ValueError for a kind that there is not, and for a wrong value."""
    return _untagged(json.loads(content))


def _tagged(reference: Reference) -> dict[str, Any]:
    return {"kind": type(reference).__name__, "value": reference.model_dump(mode="json")}


def _untagged(found: Any) -> Reference:
    if isinstance(found, Reference):
        return found
    kinds = {kind.__name__: kind for kind in _kinds(Reference)}
    if found["kind"] not in kinds:
        raise ValueError(f"kind: expected one of {', '.join(sorted(kinds))}; found {found['kind']!r}")
    return kinds[found["kind"]].model_validate(found["value"])


def _kinds(kind: type[Reference]) -> Iterator[type[Reference]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)


AnyReference = Annotated[Reference, PlainSerializer(_tagged), BeforeValidator(_untagged)]
"""A field that holds a reference of any kind."""


class DatasetVersion(Reference):
    """Typed rows under the digest of their content, left by `ingest`."""

    digest: str
    source: str
    uri: str
    """Parquet."""
    manifest_uri: str
    rows: int
    malformed: int = 0
    """Rows that are not well formed; they are not among `rows`."""

    @property
    def headline(self) -> str:
        malformed = f", {self.malformed:,} malformed" if self.malformed else ""
        return f"{self.rows:,} rows from {self.source}{malformed}; version {self.digest}"


class ValidatedDataset(Reference):
    """The rows of a dataset version that fit its schema, left by `validate`."""

    dataset: DatasetVersion
    uri: str
    quarantine_uri: str
    """Parquet: the rows that do not, each with its reasons."""
    report_uri: str
    rows: int
    quarantined: int
    without_target: int = 0
    """Good rows without a target; they are neither among `rows` nor in quarantine."""
    duplicates: int = 0
    """Rows of the dataset that are the same as an earlier one in every column. They are not removed."""

    @property
    def headline(self) -> str:
        without = f", {self.without_target:,} without a target" if self.without_target else ""
        return f"{self.rows:,} rows fit the schema, {self.quarantined:,} in quarantine{without}"


class DataSplit(Reference):
    """Rows to train on, to choose by, and to judge by; with the contract that a model of them keeps."""

    digest: str
    dataset_digest: str
    train_uri: str
    validation_uri: str
    test_uri: str
    contract_uri: str
    """Each an S3 prefix that holds one file, as a training channel wants it."""
    train_rows: int
    validation_rows: int
    test_rows: int
    unused_features: dict[str, str] = {}
    """Features that models are trained without, by name: `empty` or `constant` in the training rows."""

    @property
    def headline(self) -> str:
        unused = "".join(f"; without {name} ({why})" for name, why in self.unused_features.items())
        return f"{self.train_rows:,} to train, {self.validation_rows:,} to choose, {self.test_rows:,} held out{unused}"


class TrainedModel(Reference):
    """What one completed training job has left."""

    candidate: str
    algorithm: str
    hyperparameters: dict[str, Any] = {}
    split_digest: str
    """The split that it was trained on: it is judged on the rows of no other."""
    job_name: str
    job_arn: str
    model_uri: str
    metrics: dict[str, float]
    """By `train:<metric>` and `validation:<metric>`, as the job printed them."""
    seconds: float

    @property
    def headline(self) -> str:
        found = [f"{name} {value:.4f}" for name, value in self.metrics.items() if name.startswith("validation:")]
        return f"{self.candidate}: {', '.join(found)}; {self.seconds:.1f} s"


class TrainedModels(Reference):
    """The models of every candidate, all trained on one split; left by `train`."""

    split_digest: str
    models: tuple[TrainedModel, ...]

    @property
    def headline(self) -> str:
        names = ", ".join(model.candidate for model in self.models)
        seconds = sum(model.seconds for model in self.models)
        return f"{len(self.models)} models in {seconds:.1f} s of training: {names}"


class ModelEvaluation(Reference):
    """How the best candidate does on held-out rows, beside the champion and a naive prediction."""

    model: TrainedModel
    split_digest: str
    """The split whose held-out rows it was judged on, which is the model's own."""
    job_name: str
    job_arn: str
    uri: str
    """JSON, with the points that the plots are drawn from."""
    rows: int
    primary: str
    """The metric that decides."""
    metrics: dict[str, float]
    baseline: dict[str, float]
    champion: dict[str, float] | None
    champion_arn: str | None

    @property
    def headline(self) -> str:
        value, naive = self.metrics[self.primary], self.baseline[self.primary]
        champion = f"champion {self.champion[self.primary]:.4f}" if self.champion else "no champion yet"
        figures = f"{self.primary} {value:.4f}, naive {naive:.4f}, {champion}"
        return f"{self.model.candidate} on {self.rows:,} held-out rows: {figures}"


class Release(Reference):
    """A version in the model registry, why it is rejected, or approved and not champion, or what a person has set."""

    model_package_arn: str
    version: int
    approved: bool
    reasons: tuple[str, ...]
    mlflow_run_id: str
    champion_arn: str | None
    """The package that is to serve now, if there is one: this one if it was promoted."""

    @property
    def headline(self) -> str:
        verdict = "approved" if self.approved else "rejected"
        return f"version {self.version} {verdict}" + (f": {'; '.join(self.reasons)}" if self.reasons else "")


class RegisteredModel(Reference):
    """A version in the model registry."""

    model_package_arn: str
    version: int
    model_uri: str


class Champion(RegisteredModel):
    """What the endpoint is to serve: the pointer that register moves, and `vishwaops champion --set`."""

    split: DataSplit
    """What it was trained on."""
    since: datetime
    reason: str
    compared_with: RegisteredModel | None = None
    """The champion that it was compared with when it was evaluated."""
    history: tuple[str, ...] = ()
    """The ARNs of the packages that have been champion before, the oldest first."""

    @property
    def headline(self) -> str:
        return f"version {self.version} since {self.since:%Y-%m-%d %H:%M} UTC: {self.reason}"


class Deployment(Reference):
    """A live endpoint and the package that it serves."""

    endpoint_name: str
    endpoint_arn: str
    model_package_arn: str
    trained_on: DataSplit
    """The split that the served model was trained on."""
    changed: bool

    @property
    def headline(self) -> str:
        version = self.model_package_arn.rsplit("/", 1)[-1]
        since = "since this run" if self.changed else "as before"
        return f"endpoint {self.endpoint_name} serves version {version} {since}"


class Predictions(Reference):
    """Rows that an endpoint has scored."""

    endpoint_name: str
    trained_on: DataSplit
    """The split that the model which scored them was trained on."""
    uri: str
    """Parquet: the rows' number in their source, their key, their features and the prediction."""
    rows: int
    quarantine_uri: str | None = None
    """Parquet: the rows that were not scored, each with its reasons; None where there are none."""
    quarantined: int = 0
    reasons: tuple[str, ...] = ()
    """The first reasons, each with its line or row."""
    sample: tuple[dict[str, str], ...]
    """The endpoint's answers to the first rows, as text."""
    quality: float | None = None
    """The primary metric of the answers, where the truth of the rows is known."""

    @property
    def headline(self) -> str:
        refused = f", {self.quarantined:,} not" if self.quarantined else ""
        quality = f"; primary metric {self.quality:.4f}" if self.quality is not None else ""
        return f"{self.rows:,} rows scored{refused}{quality}"


class FeatureDrift(BaseModel):
    """How far one feature's distribution has moved from the training data's."""

    model_config = ConfigDict(frozen=True)

    feature: str
    psi: float
    noise: float
    """The PSI that chance alone may give to samples of this size."""
    verdict: Literal["stable", "warning", "drift"]

    @property
    def shown(self) -> str:
        """The PSI for a person: one that looks like drift and is chance is shown with what chance may give."""
        chance = f" (chance alone gives up to {self.noise:.3f})" if self.psi <= self.noise else ""
        return f"PSI {self.psi:.3f}{chance}"


class DriftReport(Reference):
    """The drift of every profiled feature between training data and scored rows."""

    uri: str
    reference_profile_uri: str
    scored_profile_uri: str
    rows: int
    verdict: Literal["stable", "warning", "drift", "too few rows"]
    features: tuple[FeatureDrift, ...]

    @property
    def headline(self) -> str:
        most = f"; most moved: {self.features[0].feature}, {self.features[0].shown}" if self.features else ""
        return f"{self.verdict} over {len(self.features)} features{most}"


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
