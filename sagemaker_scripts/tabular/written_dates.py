"""Writes dates as texts of a format: the inverse of `tabular.dates.parse_dates`."""

from collections.abc import Callable
from datetime import datetime

from tabular.date_formats import DATE, MONTHS, PERCENT, tokens

_CODES: dict[str, Callable[[datetime], str]] = {
    PERCENT: lambda moment: "%",
    "%Y": lambda moment: f"{moment.year:04}",
    "%y": lambda moment: f"{moment.year % 100:02}",
    "%m": lambda moment: f"{moment.month:02}",
    "%b": lambda moment: MONTHS[moment.month - 1][:3],
    "%B": lambda moment: MONTHS[moment.month - 1],
    "%d": lambda moment: f"{moment.day:02}",
    "%H": lambda moment: f"{moment.hour:02}",
    "%I": lambda moment: f"{moment.hour % 12 or 12:02}",
    "%p": lambda moment: "AM" if moment.hour < 12 else "PM",
    "%M": lambda moment: f"{moment.minute:02}",
    "%S": lambda moment: f"{moment.second:02}",
    "%f": lambda moment: f"{moment.microsecond:06}",
    "%z": lambda moment: "+00:00",
}


def written(moment: datetime, format: str | None, kind: str) -> str:
    """Return a date as a text in the format of its column, without one in ISO 8601. A time is in UTC."""
    if format is None:
        return moment.date().isoformat() if kind == DATE else moment.isoformat()
    return "".join(_CODES[token](moment) if token in _CODES else token for token in tokens(format))
