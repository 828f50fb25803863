"""Reads the documents of Model Monitor and Clarify, and finds the kind of each by its keys."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.errors import SourceError
from tasks import storage

Document = Mapping[str, Any]
MOST_BYTES = 256 << 20
MODEL_QUALITY = ("binary_classification_constraints", "multiclass_classification_constraints", "regression_constraints")
CLARIFY = ("pre_training_bias_metrics", "post_training_bias_metrics", "explanations")


def read(location: str) -> Document:
    """Read a JSON document at a path or an `s3://` address. Raises SourceError when it is none, or is missing."""
    try:
        content = json.loads(_bytes(location))
    except FileNotFoundError:
        raise SourceError(f"{location}: expected a JSON document, found no file") from None
    except (OSError, ValueError) as error:
        raise SourceError(f"{location}: expected a JSON document, found: {error}") from error
    if not isinstance(content, dict):
        raise SourceError(f"{location}: expected a JSON object, found {type(content).__name__}")
    return content


def _bytes(location: str) -> bytes:
    if location.startswith("s3://"):
        return storage.get(location)
    path = Path(location)
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.stat().st_size:,} bytes; at most {MOST_BYTES:,} are read")
    return path.read_bytes()


def is_data_quality(document: Document) -> bool:
    """Whether these are constraints, or statistics, of the data quality monitor."""
    return isinstance(document.get("features"), list)


def is_model_quality(document: Document) -> bool:
    """Whether these are constraints of the model quality monitor."""
    return any(name in document for name in MODEL_QUALITY)


def is_clarify(document: Document) -> bool:
    """Whether this is an analysis, or are constraints, of Clarify."""
    return any(name in document for name in CLARIFY)


def require_known(location: str, document: Document) -> None:
    """Raise SourceError for constraints of another kind of document."""
    if not (is_data_quality(document) or is_model_quality(document) or is_clarify(document)):
        keys = ", ".join(("features", *MODEL_QUALITY, *CLARIFY))
        raise SourceError(
            f"{location}: expected constraints.json or analysis.json of Model Monitor or Clarify, with one of "
            f"the keys {keys}; found {', '.join(sorted(document)) or 'no key'}"
        )
