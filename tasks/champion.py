"""The champion of a use case: a pointer in S3 to the model package that its endpoint should serve.

The pointer moves only by conditional writes. So two concurrent runs cannot overwrite each other's decision.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from config.errors import GateError, MissingInput
from config.use_case import UseCase
from tasks import audit, locations, names, storage
from tasks.platform import platform
from tasks.progress import log
from tasks.references import Champion, DataSplit, RegisteredModel, TrainedModel
from tasks.sagemaker import registry
from tasks.steps import step

COMPARED_WITH = "champion"
"""The metadata key of a package for the ARN of the champion in its evaluation."""

TRAINED_BY = "training_job_arn"
"""The metadata key of a package for the ARN of its training job."""
REMEMBERED = 20
"""The previous champions that a new version is compared with, the latest ones."""

State = tuple[Champion | None, str | None]
"""The pointer and its version in S3. Both are None when no pointer exists."""


@step()
def find_champion(use_case: UseCase, model: TrainedModel) -> RegisteredModel | None:
    """Return the champion to compare `model` with, or None when no champion exists.

    When `model` is the champion itself, return the previous champion. So a run that is repeated after the promotion
    gets the same evaluation.
    """
    champion = read(use_case)
    if champion is None or champion.model_uri == model.model_uri:
        return champion and champion.compared_with
    return RegisteredModel(**{name: getattr(champion, name) for name in RegisteredModel.model_fields})


def read(use_case: UseCase) -> Champion | None:
    """Return the champion, or None when no champion exists.

    Earlier versions of VishwaOps wrote approved packages and no pointer. Such a use case gets a pointer to its newest
    approved package. Raises MissingInput when that package's split no longer exists.
    """
    return _state(use_case)[0]


def find(use_case: UseCase) -> Champion | None:
    """Return the champion as `read` does, but write nothing: None for a use case of an earlier version."""
    uri = locations.champion(use_case.name)
    try:
        return storage.parsed(uri, storage.get(uri), Champion)
    except FileNotFoundError:
        return None


def promote(use_case: UseCase, package: Mapping[str, Any], compared_with: str | None, reason: str) -> str | None:
    """Make a package the champion, unless it was champion before or the champion has changed since the evaluation.

    `compared_with` is the ARN of the champion in the evaluation, None without one. Returns None when the package is the
    champion now (also after a repeated call), else the reason why it is not.
    """
    while True:
        now, seen = _state(use_case)
        if now and _is_pointer_at(now, package):
            _record(use_case, now)
            return None
        if refusal := _refusal(now, package, compared_with):
            return refusal
        chosen = successor(now, of_package(use_case, package, reason))
        if _write(use_case, chosen, seen):
            _record(use_case, chosen)
            return None


def _refusal(now: Champion | None, package: Mapping[str, Any], compared_with: str | None) -> str | None:
    arn, champion = package["ModelPackageArn"], _shown(now.model_package_arn if now else None)
    if now and now.model_uri == registry.model_uri(package) and registry.find_package(now.model_package_arn):
        return f"the champion, {champion}, is the same model"
    if now and arn in now.history and package["CreationTime"] < now.since:  # else numbered again in a new group
        version = registry.version_of(arn)
        return (
            f"version {version} was champion before; the champion is now {champion} ({now.reason}). To restore it: "
            f"vishwaops champion --use-case {now.use_case} --set {version}"
        )
    if now and (same := _trained_alike(now, package)):
        return (
            f"it was trained from the same rows by the same code as version {same}, which was champion before; the "
            f"champion is now {champion} ({now.reason}). To make it champion: vishwaops champion --use-case "
            f"{now.use_case} --set {registry.version_of(arn)}"
        )
    if (now.model_package_arn if now else None) != compared_with:
        return (
            f"it was compared with {_shown(compared_with)}, and the champion is now {champion}. "
            "Run the stages evaluate and register again"
        )
    return None


def _trained_alike(now: Champion, package: Mapping[str, Any]) -> int | None:
    """The version of a previous champion whose training job had the same inputs and code, if any.

    Such a model is the same one, trained again (`--fresh`, or after its results were deleted).
    """
    request = _training_request(package)
    for arn in now.history[-REMEMBERED:]:
        before = registry.find_package(arn)
        if request and before and arn != now.model_package_arn and _training_request(before) == request:
            return registry.version_of(arn)
    return None


def _training_request(package: Mapping[str, Any]) -> str | None:
    """The name of the training job without its attempt: it has the digest of the job's inputs and code."""
    job = registry.facts_of(package).get(TRAINED_BY, "").rpartition("/")[2]
    return names.request_of(job)


def _is_pointer_at(now: Champion, package: Mapping[str, Any]) -> bool:
    """Whether the champion is this package, and no one of the same number in a group that was deleted."""
    return bool(now.model_package_arn == package["ModelPackageArn"] and now.model_uri == registry.model_uri(package))


def _shown(arn: str | None) -> str:
    return f"version {registry.version_of(arn)}" if arn else "no champion"


def move(use_case: UseCase, version: int, reason: str, *, only_from: str | None = None) -> Champion:
    """Make a version the champion and return the new champion. The version may have been champion before.

    With `only_from`, the ARN of a package, nothing changes unless that package is the champion. Raises GateError when
    the version does not exist or can't be deployed, and MissingInput when its split no longer exists.
    """
    while True:
        now, seen = _state(use_case)
        package = require_deployable(use_case, version, now)
        if now and _is_pointer_at(now, package):
            _record(use_case, now)
            return now
        if now and only_from and now.model_package_arn != only_from:
            return now
        chosen = successor(now, of_package(use_case, package, reason))
        if _write(use_case, chosen, seen):
            _record(use_case, chosen)
            return chosen


def _record(use_case: UseCase, champion: Champion) -> None:
    """Append the move to the audit log, once for each: also where a process ended between the two writes."""
    facts = {
        "model_package_arn": champion.model_package_arn,
        "before": champion.history[-1] if champion.history else "",
        "reason": champion.reason,
    }
    audit.append(use_case, "champion", facts, once=champion.since.isoformat())


def require_deployable(use_case: UseCase, version: int, now: Champion | None) -> dict[str, Any]:
    """Describe a version that may become champion. Raises GateError when it does not exist or can't be deployed."""
    package = require_version(use_case, version)
    arn, status = package["ModelPackageArn"], package["ModelApprovalStatus"]
    been = now.model_package_arn == arn or arn in now.history if now else False
    if status != "Approved" and not been:
        raise GateError(
            f"{use_case.name}: expected an Approved version, or one that has been champion before; found version "
            f"{version}, which is {status}: {package.get('ApprovalDescription', 'no reason given')}. To "
            f"{'decide' if status == registry.PENDING else 'overrule that'}: {how_to_decide(use_case, version, status)}"
        )
    return package


def require_version(use_case: UseCase, version: int) -> dict[str, Any]:
    """Describe a registered version. Raises GateError, with the newest versions, when it does not exist."""
    group = platform().model_package_group(use_case.name)
    if (package := registry.find_version(group, version)) is not None:
        return package
    known = ", ".join(str(found["ModelPackageVersion"]) for found in registry.newest_packages(group, limit=10))
    raise GateError(
        f"{use_case.name}: expected a version of the model package group {group} (the newest: {known or 'none'}), "
        f"found {version}"
    )


def how_to_decide(use_case: UseCase, version: int, status: str) -> str:
    """Return the command with which a person approves a version that has this status, or rejects an approved one."""
    command = "reject" if status == "Approved" else "approve"
    overrule = "" if status == registry.PENDING else " --overrule"
    return f"vishwaops {command} --use-case {use_case.name} --version {version} --reason TEXT{overrule}"


def successor(now: Champion | None, chosen: Champion) -> Champion:
    """Return the chosen champion with the history of the present one."""
    if now is None:
        return chosen
    history = tuple(dict.fromkeys([*now.history, now.model_package_arn]))
    return chosen.model_copy(update={"history": history})


def of_package(use_case: UseCase, package: Mapping[str, Any], reason: str) -> Champion:
    """Return the pointer to a model package, without a history. Raises MissingInput when its split no longer exists."""
    return Champion(
        **_registered(use_case, package).model_dump(),
        split=split_of(use_case, package),
        since=datetime.now(UTC),
        reason=reason,
        compared_with=_compared_with(use_case, package),
    )


def _registered(use_case: UseCase, package: Mapping[str, Any]) -> RegisteredModel:
    return RegisteredModel(
        use_case=use_case.name,
        model_package_arn=package["ModelPackageArn"],
        version=package["ModelPackageVersion"],
        model_uri=registry.model_uri(package),
    )


def _compared_with(use_case: UseCase, package: Mapping[str, Any]) -> RegisteredModel | None:
    arn = registry.facts_of(package).get(COMPARED_WITH)
    before = registry.find_package(arn) if arn else None
    return _registered(use_case, before) if before else None


def split_of(use_case: UseCase, package: Mapping[str, Any]) -> DataSplit:
    """Return the split that a package's model was trained on. Raises MissingInput when it no longer exists."""
    digest = registry.facts_of(package).get("split_digest", "unknown")
    folder = locations.split(use_case.name, digest)
    if (manifest := storage.find_manifest(folder)) is None:
        raise MissingInput(
            f"{use_case.name}: expected the split that version {package['ModelPackageVersion']} was trained on in "
            f"{folder}, found none. Restore it, or withdraw the version's approval, and run again: "
            f"{how_to_decide(use_case, package['ModelPackageVersion'], 'Approved')}"
        )
    return DataSplit.of_manifest(folder, manifest)


def _state(use_case: UseCase) -> State:
    uri = locations.champion(use_case.name)
    try:
        body, version = storage.get_version(uri)
    except FileNotFoundError:
        return _adopt(use_case)
    return storage.parsed(uri, body, Champion), version


def _adopt(use_case: UseCase) -> State:
    """Write a pointer to the newest approved package if an earlier version of VishwaOps registered it."""
    package = registry.newest_approved(platform().model_package_group(use_case.name))
    if package is None or registry.EVALUATION in registry.facts_of(package):
        return None, None
    adopted = of_package(use_case, package, "it was the newest approved version")
    if _write(use_case, adopted, None):
        log.info("          champion is version %d, the newest approved one", adopted.version)
    return _state(use_case)


def _write(use_case: UseCase, champion: Champion, version: str | None) -> bool:
    """Write the pointer unless it has changed since it was read. Returns whether it was written."""
    try:
        storage.put_if(locations.champion(use_case.name), champion.model_dump_json(indent=1).encode(), version)
    except storage.Changed:
        return False
    return True
