"""Chooses the media type and the options of a response by a request's Accept header (RFC 9110, section 12.5.1).

Options are parameters of the chosen media type, because AWS's prebuilt images and batch transform pass on only the
content type and the Accept header: `application/json; on_error=row; reasons=3; version=true; intervals=true`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from serving.media_types import ARROW_STREAM, CSV, JSON, JSON_LINES, MediaType, media_type
from serving.rejected import LONGEST_SHOWN, Rejected, bad_request

PRODUCED = (JSON, CSV, JSON_LINES, ARROW_STREAM)
"""The media types of responses. The first one that fits a wildcard is used."""
_RANGES = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_QUALITY = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
MOST_REASONS = 1_000


@dataclass(frozen=True)
class Options:
    """What a caller wants in the response."""

    kind: str = JSON
    """The media type."""
    row_errors: bool = False
    """Whether a row that does not fit has its problems in the place of its prediction. Else the request is refused."""
    reasons: int = 0
    """The number of the largest contributions to each prediction."""
    version: bool = False
    """Whether the response names the model."""
    intervals: bool = False
    """Whether each prediction has its interval, or its set of classes."""


def _number_of_reasons(text: str) -> int:
    if not re.fullmatch("[0-9]{1,4}", text) or not 1 <= int(text) <= MOST_REASONS:
        raise ValueError
    return int(text)


def _one_of(choices: Mapping[str, Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if text.lower() not in choices:
            raise ValueError
        return choices[text.lower()]

    return read


@dataclass(frozen=True)
class Parameter:
    """A parameter of a media type in an Accept header."""

    option: str
    """The field of Options; empty for a parameter without an effect."""
    expected: str
    read: Callable[[str], Any]
    """Raises ValueError."""


_BOOLEANS = {"true": True, "false": False}
PARAMETERS = {
    "on_error": Parameter("row_errors", "row or request", _one_of({"row": True, "request": False})),
    "reasons": Parameter("reasons", f"a whole number from 1 to {MOST_REASONS:,}", _number_of_reasons),
    "version": Parameter("version", "true or false", _one_of(_BOOLEANS)),
    "intervals": Parameter("intervals", "true or false", _one_of(_BOOLEANS)),
    "charset": Parameter("", "utf-8", _one_of(dict.fromkeys(("utf-8", "utf8")))),
}


@lru_cache(maxsize=256)
def options_of(accept: str) -> Options:
    """Return the options of an Accept header. An empty one accepts everything.

    Raises Rejected: 406 if no media type that can be produced is accepted, 400 for an unknown or invalid parameter.
    """
    if not accept.strip():
        return Options()
    ranges = [found for text in _RANGES.findall(accept) if (found := media_type(text)) is not None]
    offers = [(*_preference(kind, ranges), kind) for kind in PRODUCED]
    quality, _, _, chosen, kind = max(offers, key=lambda offer: offer[:3])
    if chosen is None or not quality:
        raise Rejected(
            HTTPStatus.NOT_ACCEPTABLE, f"Accept: expected one of {', '.join(PRODUCED)}, found {_shown(accept)}"
        )
    return _with_parameters(kind, chosen)


def _preference(kind: str, ranges: list[MediaType]) -> tuple[float, int, int, MediaType | None]:
    """Return the quality of a media type, how exactly it is named, and how early, by the range that names it best."""
    fitting = [
        (exactness, -place, each)
        for place, each in enumerate(ranges)
        if (exactness := _exactness(kind, each.standard_name))
    ]
    if not fitting:
        return 0.0, 0, 0, None
    exactness, place, best = max(fitting, key=lambda fit: fit[:2])
    return _quality(best), exactness, place, best


def _exactness(kind: str, name: str) -> int:
    """Return 0 if a range does not include a media type, 1 for `*/*`, 2 for its `type/*`, and 3 for itself."""
    return {kind: 3, f"{kind.partition('/')[0]}/*": 2, "*/*": 1}.get(name, 0)


def _quality(found: MediaType) -> float:
    text = found.parameters.get("q", "1")
    if not _QUALITY.fullmatch(text):
        raise bad_request(f"Accept: q: expected a number from 0 to 1, found {_shown(text)}")
    return float(text)


def _with_parameters(kind: str, chosen: MediaType) -> Options:
    options: dict[str, Any] = {}
    for name, text in chosen.parameters.items():
        if name == "q":
            continue
        if name not in PARAMETERS:
            known = "; ".join(f"{known}={each.expected}" for known, each in PARAMETERS.items())
            raise bad_request(f"Accept: expected the parameters {known}; found {_shown(name)}")
        parameter = PARAMETERS[name]
        try:
            value = parameter.read(text)
        except ValueError:
            message = f"Accept: {name}: expected {parameter.expected}, found {_shown(text)}"
            raise bad_request(message) from None
        if parameter.option:
            options[parameter.option] = value
    return Options(kind, **options)


def _shown(text: str) -> str:
    return repr(text[:LONGEST_SHOWN])
