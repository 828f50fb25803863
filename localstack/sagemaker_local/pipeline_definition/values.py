"""Replaces property references and functions by values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from sagemaker_local import strict_json
from sagemaker_local.pipeline_definition.definition import split_reference
from sagemaker_local.pipeline_definition.parameters import text_of

_PART = re.compile(r"""\.?([^.\[\]]+)|\[(\d+)\]|\[['"]([^'"]+)['"]\]""")


class UnresolvedError(Exception):
    """A reference that has no value; the text becomes the step's FailureReason."""


@dataclass(frozen=True)
class Resolver:
    """Resolves the references of one execution."""

    parameters: dict[str, Any]
    execution: Callable[[str], Any]
    """The value of `Execution.<name>`."""
    properties: Callable[[str, str], Any]
    """The Describe response of a step's resource, by the step's name and the path to read."""
    property_file: Callable[[str, str], str]
    """The S3 URI of a step's property file."""
    read: Callable[[str], bytes]
    """The object at an S3 URI."""

    def resolve(self, value: Any) -> Any:
        """The value with every reference and function in it replaced, at all levels.

        Raises:
            UnresolvedError: a reference has no value.
        """
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        match list(value):
            case ["Get"]:
                return self._get(value["Get"])
            case ["Std:Join"]:
                parts = [text_of(self.resolve(part)) for part in value["Std:Join"]["Values"]]
                return value["Std:Join"].get("On", "").join(parts)
            case ["Std:JsonGet"]:
                return self._json_get(value["Std:JsonGet"])
        return {key: self.resolve(item) for key, item in value.items()}

    def _get(self, reference: str) -> Any:
        room, name, path = split_reference(reference)
        if room == "Parameters":
            return self.parameters[name]
        if room == "Execution":
            return self.execution(name)
        try:
            return property_at(self.properties(name, path), path)
        except LookupError:
            raise UnresolvedError(f"ClientError: The property reference {reference} has no value.") from None

    def _json_get(self, function: dict[str, Any]) -> Any:
        if "PropertyFile" in function:
            _, step, path = split_reference(function["PropertyFile"]["Get"])
            uri = self.property_file(step, path.removeprefix("PropertyFiles."))
        else:
            uri = self.resolve(function["S3Uri"])
        try:
            return json_at(strict_json.loads(self.read(uri)), function["Path"])
        except (LookupError, ValueError) as error:
            raise UnresolvedError(f"ClientError: JsonGet of {function['Path']!r} in {uri} failed: {error}") from None


def property_at(document: Any, path: str) -> Any:
    """The value at a path such as `ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri`.

    A name in brackets picks from a map by its key, and from a list the item whose name it is.
    """
    for plain, index, name in _PART.findall(path):
        if index:
            document = document[int(index)]
        elif isinstance(document, list):
            document = next((item for item in document if _is_named(item, name or plain)), None)
        else:
            document = document[name or plain]
        if document is None:
            raise LookupError(path)
    return document


def _is_named(item: Any, name: str) -> bool:
    return isinstance(item, dict) and any(key.endswith("Name") and value == name for key, value in item.items())


def json_at(document: Any, path: str) -> Any:
    """The first match of a JSONPath, with or without its `$.`."""
    from jsonpath_ng.ext.parser import parse

    try:
        found = parse(path).find(document)
    except Exception as error:
        raise ValueError(f"invalid JSONPath: {error}") from error
    if not found:
        raise LookupError("nothing is there")
    return found[0].value


def conformed(value: Any, shape: Shape) -> Any:
    """A request with numbers converted to strings, and strings to numbers, as the API requires."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = shape.members
        return {key: conformed(item, members[key]) if key in members else item for key, item in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [conformed(item, shape.member) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: conformed(item, shape.value) for key, item in value.items()}
    return _scalar(value, shape.type_name)


def _scalar(value: Any, wanted: str) -> Any:
    if wanted == "string" and isinstance(value, (bool, int, float)):
        return text_of(value)
    try:
        if wanted in ("integer", "long") and isinstance(value, (str, float)):
            return int(value)
        if wanted in ("float", "double") and isinstance(value, str):
            return float(value)
    except (ValueError, OverflowError):
        return value
    if wanted == "boolean" and isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), value)
    return value
