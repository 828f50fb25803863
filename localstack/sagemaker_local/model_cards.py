"""Model cards: each change of the content makes a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local import model_card_schema, strict_json
from sagemaker_local.errors import ResourceNotFound, ValidationException
from sagemaker_local.resource_kind import replace_members
from sagemaker_local.store import Query, Record

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

DEFAULTS: dict[str, Any] = {"CreatedBy": {}, "ModelCardVersion": 1}
_VERSION = "ModelCardVersion"


def prepare(engine: Engine, body: dict[str, Any]) -> None:
    _check_content(body["Content"])


def keep_version(engine: Engine, record: Record) -> None:
    """Stores the card's newest version, or updates it."""
    body = {**record.body, "LastModifiedTime": engine.clock.now()}
    held = engine.store.get(_VERSION, _name(record))
    if held is None:
        now = engine.clock.now()
        body["CreationTime"] = now
        engine.store.insert(Record(_VERSION, _name(record), f"{record.arn}/{body[_VERSION]}", now, now, None, body))
    else:
        engine.change(held, lambda kept: kept.update(ModelCardStatus=body["ModelCardStatus"]))


def apply_update(engine: Engine, body: dict[str, Any], request: dict[str, Any]) -> None:
    """UpdateModelCard: the content or the status; new content is a new version."""
    if "Content" in request and "ModelCardStatus" in request:
        raise ValidationException("You cannot update both model card content and model card status in a single call.")
    if "Content" in request:
        _check_content(request["Content"])
        body[_VERSION] += 1
    replace_members(engine, body, request)
    body["LastModifiedBy"] = {}


def describe(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeModelCard of the newest version or of the given one."""
    kind = engine.kinds["ModelCard"]
    record = engine.require(kind, request["ModelCardName"])
    version = request.get(_VERSION, record.body[_VERSION])
    held = engine.store.get(_VERSION, f"{record.name}/{version}")
    if held is None:
        raise ResourceNotFound(f"Model card {record.arn} has no version {version}.")
    response = engine.projected(held.body, "DescribeModelCard")
    if request.get("IncludedData") == "MetadataOnly":
        response["Content"] = ""
    return response


def list_versions(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """ListModelCardVersions."""
    engine.require(engine.kinds["ModelCard"], request["ModelCardName"])
    return engine.list(engine.kinds[_VERSION], request)


def delete(engine: Engine, record: Record) -> None:
    """Deletes a card with its versions."""
    of_card = ("json_extract(body, '$.ModelCardName') = ?", record.name)
    for version in engine.store.find(Query(_VERSION, (of_card,), limit=1_000_000)):
        engine.remove(version)
    engine.remove(record)


def _name(record: Record) -> str:
    return f"{record.name}/{record.body[_VERSION]}"


def _check_content(content: str) -> None:
    try:
        card = strict_json.loads(content)
    except strict_json.NotJson as error:
        raise ValidationException(f"Model card content is not valid JSON: {error}") from None
    if not isinstance(card, dict):
        raise ValidationException("Model card content must be a JSON object.")
    if found := model_card_schema.problem(card):
        raise ValidationException(f"Model card content does not fit the model card JSON schema: {found}")
