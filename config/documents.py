"""Reads a YAML file into a checked model. Errors name the file, the key, what was expected and what was found."""

from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AllowInfNan, BaseModel, ConfigDict, Strict, ValidationError, model_validator

from config import variables
from config.errors import ConfigError
from config.explanations import explain, listing
from config.plain_yaml import read_yaml
from tabular.suggestions import did_you_mean

Integer = Annotated[int, Strict()]
"""A whole number. `true` and a text that looks like a number are refused."""
Number = Annotated[float, Strict(), AllowInfNan(False)]
"""A finite number. `true` and a text that looks like a number are refused."""


class Document(BaseModel):
    """A frozen, strict part of a configuration file: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _knows_every_key(cls, content: Any) -> Any:
        require_known_keys(content, cls.model_fields)
        return content


def require_known_keys(content: Any, known: Collection[str]) -> None:
    """Raise ValueError, with the nearest known key, where `content` is a mapping with a key that is not `known`."""
    unknown = [key for key in content if key not in known] if isinstance(content, dict) else []
    if unknown:
        hints = [f"{str(key)[:80]!r}{did_you_mean(key, known)}" for key in unknown[:10]]
        raise ValueError(f"expected only the keys {', '.join(known)}; found {', '.join(hints)}")


def repeats(names: Iterable[str]) -> list[str]:
    """The names that occur more than once, sorted."""
    return sorted(name for name, count in Counter(names).items() if count > 1)


Model = TypeVar("Model", bound=Document)


def read_document(
    path: Path, model: type[Model], *, expanded: Collection[str] = (), referring: Collection[str] = ()
) -> Model:
    """Return the YAML file at `path` as a `model`.

    The keys `expanded` and `referring` may have `${NAME}`. `expanded` keys hold no secret and are expanded here.
    `referring` keys may hold a secret and are expanded only when they are used. Raises ConfigError when the file is
    missing, is not plain YAML, does not fit the model, or has `${` elsewhere.
    """
    content = read_yaml(path)
    if found := variables.problems(content, (*expanded, *referring)):
        raise ConfigError(listing(str(path), found))
    for key in expanded:
        if isinstance(content, dict) and isinstance(text := content.get(key), str):
            content[key] = variables.expand(text, f"{path}: {key}")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigError(explain(error, str(path), content)) from error
