"""The lineage of a registered version: decisions, signature, archive, evaluation, training jobs, and its split."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.errors import GateError
from config.use_case import UseCase
from tasks import audit, digests, locations, storage
from tasks.champion import COMPARED_WITH, TRAINED_BY
from tasks.lineage.link import Link, State
from tasks.lineage.rows import split_link
from tasks.reproduction.parts import digest_problem
from tasks.reproduction.record import (
    EVALUATED_BY,
    SELECTED,
    channels_of,
    code_of,
    image_of,
    job_of,
    settings_of,
)
from tasks.sagemaker import registry
from tasks.sagemaker.job_kinds import PROCESSING, TRAINING
from tasks.sagemaker.training_metrics import is_finite
from tasks.signing.models import SIGNATURE, beside, find_signature, require_files


def version_link(use_case: UseCase, package: Mapping[str, Any], verify: bool) -> Link:
    """Return the lineage of a version. The package is as SageMaker describes it.

    The signature, the audit log and the id of the evaluation are always verified; archives, code and rows only with
    `verify`.
    """
    arn, facts = str(package["ModelPackageArn"]), registry.facts_of(package)
    origin = facts.get(registry.PROMOTED_FROM)
    figures = f"{facts.get('metric', '')} {facts.get('value', '')}".strip()
    detail = f"{package['ModelApprovalStatus']}; {facts.get('candidate', '')} {figures}"
    return Link(
        "model version",
        arn,
        detail=detail,
        sources=(
            _decisions(use_case, arn),
            *([Link("promoted from", origin, "elsewhere")] if origin else []),
            _signature(registry.model_uri(package)),
            _archive(registry.model_uri(package), facts, verify),
            _evaluation(package, facts, verify),
            *_training(facts.get(TRAINED_BY, ""), verify, elsewhere=bool(origin)),
            _split(use_case, facts, verify),
        ),
    )


def _split(use_case: UseCase, facts: Mapping[str, str], verify: bool) -> Link:
    digest, folder = facts.get("split_digest"), facts.get(registry.SPLIT)
    if not digest or not folder:
        return Link("split", "unknown", "missing", "an earlier version of VishwaOps registered the version")
    return split_link(use_case, folder, digest, verify, elsewhere=registry.PROMOTED_FROM in facts)


def _decisions(use_case: UseCase, arn: str) -> Link:
    """Who registered, approved, deployed the version: the entries of the audit log, whose checkpoint is verified."""
    folder = locations.audit(use_case.name)
    try:
        own = audit.entries_of_version(use_case.name, arn)
    except GateError as error:
        return Link("audit log", folder, "differs", str(error))
    if not own:
        return Link("audit log", folder, "missing", "it has no entry of this version")
    return Link("audit log", folder, "verified", f"{len(own)} entries", tuple(map(_entry, own)))


def _entry(entry: Mapping[str, Any]) -> Link:
    run = f", run {entry['run']}" if entry.get("run") else ""
    reason = f": {entry['facts']['reason']}" if entry["facts"].get("reason") else ""
    when = entry["at"][:16].replace("T", " ")
    return Link(entry["action"], f"entry {entry['number']}", "verified", f"{when} UTC by {entry['who']}{run}{reason}")


def _signature(model_uri: str) -> Link:
    uri = beside(model_uri, SIGNATURE)
    try:
        found = find_signature(model_uri)
    except GateError as error:
        return Link("signature", uri, "differs", str(error))
    if found is None:
        return Link("signature", uri, "missing", "the version is not signed")
    return Link("signature", uri, "verified", f"{len(found.files)} files, by the key {found.key}")


def _archive(model_uri: str, facts: Mapping[str, str], verify: bool) -> Link:
    expected = facts.get(registry.MODEL_DIGEST, "unknown")
    if not storage.exists(model_uri):
        return Link("model", model_uri, "missing", f"expected an archive with SHA-256 {expected}")
    if not verify:
        return Link("model", model_uri, detail=f"SHA-256 {expected}")
    with storage.opened(model_uri) as archive:
        found = digests.of_file(archive)
        if found != expected:
            return Link("model", model_uri, "differs", f"expected SHA-256 {expected}, found {found}")
        try:
            if signature := find_signature(model_uri):
                require_files(model_uri, signature, archive)
        except GateError as error:
            return Link("model", model_uri, "differs", str(error))
    return Link("model", model_uri, "verified", f"SHA-256 {expected}")


def _evaluation(package: Mapping[str, Any], facts: Mapping[str, str], verify: bool) -> Link:
    uri = registry.evaluation_uri(package)
    try:
        metrics = {name: value for name, value in storage.get_json(uri)["metrics"].items() if is_finite(value)}
    except (FileNotFoundError, KeyError):
        return Link("evaluation", uri, "missing", "expected the metrics of the version")
    if registry.PROMOTED_FROM in facts:
        return Link("evaluation", uri, detail=_shown(metrics))
    job = facts.get(EVALUATED_BY, "")
    again = registry.evaluation_id(job, registry.model_uri(package), metrics, facts.get(COMPARED_WITH))
    state: State = "verified" if again == facts.get(registry.EVALUATION) else "differs"
    detail = _shown(metrics) if state == "verified" else "its metrics are not those that were registered"
    return Link("evaluation", uri, state, detail, (_evaluation_job(job, verify),))


def _shown(metrics: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in metrics.items())


def _evaluation_job(arn: str, verify: bool) -> Link:
    job = PROCESSING.find(arn.rpartition("/")[2]) if arn else None
    if job is None:
        return Link("processing job", arn or "unknown", "missing", "SageMaker does not have it")
    return Link("processing job", arn, detail=_ran(job, "ProcessingEndTime"), sources=tuple(_inputs(job, verify)))


def _training(arn: str, verify: bool, *, elsewhere: bool) -> Iterator[Link]:
    """Yield the training job, with its code and settings, and the winner's own job if it is a refit."""
    if elsewhere:
        yield Link("training job", arn, "elsewhere")
        return
    job = TRAINING.find(arn.rpartition("/")[2]) if arn else None
    if job is None:
        yield Link("training job", arn or "unknown", "missing", "SageMaker does not have it")
        return
    own = tuple(_inputs(job, verify))
    if selected := channels_of(job).get(SELECTED):
        before = f"{arn.rpartition('/')[0]}/{job_of(selected)}"
        own = (*own, *_training(before, verify, elsewhere=False))
    what = "training job (refit)" if selected else "training job"
    yield Link(what, arn, detail=_ran(job, "TrainingEndTime"), sources=own)


def _ran(job: Mapping[str, Any], end: str) -> str:
    ended = f"{job[end]:%Y-%m-%d %H:%M} UTC, " if job.get(end) else ""
    return f"{ended}image {image_of(job).rpartition('/')[2]}"


def _inputs(job: Mapping[str, Any], verify: bool) -> Iterator[Link]:
    """The code and the settings of a job, which are in folders that are named by their digest."""
    for what, uri in (("code", code_of(job)), ("settings", settings_of(job))):
        if uri:
            yield digest_link(what, uri, verify)


def digest_link(what: str, uri: str, verify: bool) -> Link:
    """Return an object whose folder is named by its digest. With `verify`, the digest is computed again."""
    if not storage.exists(uri):
        return Link(what, uri, "missing", "it was deleted")
    if not verify:
        return Link(what, uri)
    problem = digest_problem(uri)
    return Link(what, uri, "differs", problem) if problem else Link(what, uri, "verified")
