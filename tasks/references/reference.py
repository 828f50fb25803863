"""The base class of references, and their JSON."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

Kind = TypeVar("Kind", bound="Reference")
OWN_MODULE = re.compile(r"(tasks\.\w+)\.\w+")
"""The kind of a reference that is in the module of its stage. Only such a module is imported to read one."""


class Reference(BaseModel):
    """A reference to a stage's output, with its main figures."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    use_case: str

    @property
    def headline(self) -> str:
        """Its figures in one line."""
        return ""


def encode(reference: Reference) -> bytes:
    """A reference as JSON: its `kind` and its `value`.

    The kind is the name of its class; of a class in a stage's own module, the module and the name.
    """
    return json.dumps(_tagged(reference), indent=1).encode()


def decode(content: bytes | str) -> Reference:
    """The reference that `encode` wrote. Raises ValueError for an unknown kind and for an invalid value."""
    return _untagged(json.loads(content))


def _tagged(reference: Reference) -> dict[str, Any]:
    return {"kind": _name(type(reference)), "value": reference.model_dump(mode="json")}


def _name(kind: type[Reference]) -> str:
    return kind.__name__ if kind.__module__.startswith(f"{__package__}.") else f"{kind.__module__}.{kind.__name__}"


def _untagged(found: Any) -> Reference:
    if isinstance(found, Reference):
        return found
    kinds = {_name(kind): kind for kind in _kinds(Reference)}
    if found["kind"] not in kinds and (stage := OWN_MODULE.fullmatch(found["kind"])):
        with suppress(ModuleNotFoundError):
            import_module(stage[1])
        kinds = {_name(kind): kind for kind in _kinds(Reference)}
    if found["kind"] not in kinds:
        raise ValueError(f"kind: expected one of {', '.join(sorted(kinds))}; found {found['kind']!r}")
    return kinds[found["kind"]].model_validate(found["value"])


def _kinds(kind: type[Reference]) -> Iterator[type[Reference]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)


AnyReference = Annotated[Reference, PlainSerializer(_tagged), BeforeValidator(_untagged)]
"""A field that holds a reference of any kind."""
