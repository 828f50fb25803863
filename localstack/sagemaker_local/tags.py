"""AddTags, ListTags and DeleteTags, of any resource by its ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import ValidationException

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine

_MOST = 50


def add(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """Adds tags or replaces their values; returns all tags of the resource."""
    arn = _known(engine, request["ResourceArn"])
    new = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    if len(engine.store.tags(arn) | new) > _MOST:
        raise ValidationException(f"The number of tags on {arn} would be over the limit of {_MOST}.")
    engine.store.add_tags(arn, new)
    return {"Tags": _listed(engine, arn)}


def list_tags(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """All tags of a resource; at most 50, so they are always one page.

    Raises:
        ValidationException: there is a NextToken, which ListTags never returns.
    """
    if request.get("NextToken"):
        raise ValidationException("Invalid NextToken: it is not one that this List returned.")
    return {"Tags": _listed(engine, _known(engine, request["ResourceArn"]))}


def delete(engine: Engine, request: dict[str, Any]) -> dict[str, Any]:
    """Removes tags of a resource; missing keys are no error."""
    engine.store.delete_tags(_known(engine, request["ResourceArn"]), request["TagKeys"])
    return {}


def _listed(engine: Engine, arn: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in engine.store.tags(arn).items()]


def _known(engine: Engine, arn: str) -> str:
    record = engine.store.by_arn(arn) or engine.store.by_arn(arn.lower())
    if record is None:
        raise ValidationException(f"Could not find the resource {arn}.")
    return record.arn
