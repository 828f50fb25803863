"""Date formats: converts strptime's codes to a regular expression, an example and a description.

`datetime.strptime` is not used: its month names depend on the machine's language, and it reads adjacent digits in the
first way that fits ("1122017" as %d%m%Y).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from itertools import pairwise

DATE, DATETIME = "date", "datetime"
TEMPORAL = (DATE, DATETIME)
"""The types of columns that hold dates."""
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
PIVOT = 69
"""Two-digit years from this one on are in the 20th century, smaller ones in the 21st (POSIX, strptime)."""
PERCENT = "%%"
ZONE = r"(?:Z|(?P<sign>[+-])(?P<zone_hour>[0-9]{2}):?(?P<zone_minute>[0-9]{2}))"


@dataclass(frozen=True)
class Code:
    """One of strptime's codes."""

    part: str
    """The part of a date or time."""
    example: str
    pattern: str
    """The regular expression in RE2's syntax, without a group."""
    fixed: str = ""
    """The pattern with a fixed width, for a number that is adjacent to another one; empty for other parts."""
    words: str = ""

    @property
    def description(self) -> str:
        """The description of the part."""
        return self.words or self.part


def _two_digits(part: str, example: str) -> Code:
    return Code(part, example, "[0-9]{1,2}", "[0-9]{2}")


CODES: dict[str, Code] = {
    "%Y": Code("year", "2017", "[0-9]{4}", "[0-9]{4}"),
    "%y": Code("year", "17", "[0-9]{2}", "[0-9]{2}", "two-digit year from 1969 to 2068"),
    "%m": _two_digits("month", "12"),
    "%b": Code("month", "Dec", "(?i:" + "|".join(name[:3] for name in MONTHS) + ")"),
    "%B": Code("month", "December", "(?i:" + "|".join(MONTHS) + ")"),
    "%d": _two_digits("day", "31"),
    "%H": _two_digits("hour", "23"),
    "%I": _two_digits("hour", "11"),
    "%p": Code("AM or PM", "PM", "(?i:AM|PM)"),
    "%M": _two_digits("minute", "59"),
    "%S": _two_digits("second", "58"),
    "%f": Code("fraction of a second", "250000", "[0-9]{1,6}", "[0-9]{6}"),
    "%z": Code("offset from UTC", "+01:00", ZONE),
}
NEEDS = {"%I": "%p", "%p": "%I", "%M": "hour", "%S": "minute", "%f": "second"}
"""The codes that need another code or part of the time."""
ISO = {DATE: "%Y-%m-%d", DATETIME: "%Y-%m-%dT%H:%M:%S"}
"""The default formats. A datetime may also lack its seconds or time, and may have a fraction, an offset, or a blank
instead of the T."""
_DAYS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d", "%d-%b-%Y",
    "%d/%m/%y", "%m/%d/%y",
)  # fmt: skip
_TIMES = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
COMMON: tuple[tuple[str | None, str], ...] = (
    (None, DATE), *((day, DATE) for day in _DAYS),
    (None, DATETIME), *((f"{day} {at}", DATETIME) for day in _DAYS for at in _TIMES),
)  # fmt: skip
"""Common formats with their types, for suggestions."""
_ISO_DATETIME = (
    "^(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
    f"(?:[T ](?P<H>[0-9]{{2}}):(?P<M>[0-9]{{2}})(?::(?P<S>[0-9]{{2}})(?:[.](?P<f>[0-9]{{1,6}}))?)?{ZONE}?)?$"
)


def tokens(format: str) -> list[str]:
    """Return the codes and the texts between them."""
    return re.findall(r"%.|%$|[^%]+", format, re.DOTALL)


def problems(format: str, kind: str) -> Iterator[str]:
    """Yield what is wrong with the format of a `date` or `datetime` column, as `expected ..., found ...`."""
    found = tokens(format)
    codes = [token for token in found if token.startswith("%") and token != PERCENT]
    if unknown := [code for code in codes if code not in CODES]:
        yield f"expected only the codes {', '.join(CODES)}, which are read the same everywhere; found {unknown[0]}"
        return
    parts = [CODES[code].part for code in codes]
    if missing := [part for part in ("day", "month", "year") if part not in parts]:
        yield f"expected codes of a day, a month and a year; found no {' and no '.join(missing)} in {format!r}"
    if twice := sorted({part for part in parts if parts.count(part) > 1}):
        yield f"expected each part of a date once; found the {twice[0]} more than once in {format!r}"
    if any(char.isdigit() for token in found if token not in codes for char in token):
        yield f"expected no digits next to the codes; found {format!r}"
    yield from _time_problems(codes, parts, kind)


def _time_problems(codes: list[str], parts: list[str], kind: str) -> Iterator[str]:
    times = [code for code in codes if CODES[code].part not in ("day", "month", "year")]
    if kind == DATE and times:
        yield f"expected a date without a time; found {times[0]}. Write `type: datetime`"
    elif kind == DATETIME and "hour" not in parts:
        yield "expected an hour, %H; found none. Write `type: date`"
    else:
        for code in times:
            if code in NEEDS and NEEDS[code] not in (*codes, *parts):
                yield f"expected {code} only with its {NEEDS[code]}; found it without"


@cache
def pattern(format: str | None, kind: str) -> str:
    """Return the format as an RE2 regular expression for a whole text, with a group named by each code's letter."""
    if format is None and kind == DATETIME:
        return _ISO_DATETIME
    parts = tokens(format or ISO[kind])
    beside = [False] * (len(parts) + 1)
    for place, (left, right) in enumerate(pairwise(parts), 1):
        beside[place] = all(token in CODES and bool(CODES[token].fixed) for token in (left, right))
    found = [_group(token, beside[place] or beside[place + 1]) for place, token in enumerate(parts)]
    return "^" + "".join(found) + "$"


def _group(token: str, beside: bool) -> str:
    if token not in CODES:
        return re.escape("%" if token == PERCENT else token)
    code = CODES[token]
    shape = code.fixed if beside else code.pattern
    return shape if shape == ZONE else f"(?P<{token[1]}>{shape})"


def described(format: str | None, kind: str) -> str:
    """Return the description of a value: `a date such as 31/12/2017 (day, month, year)`."""
    parts = tokens(format or ISO[kind])
    example = "".join(CODES[token].example if token in CODES else token.replace(PERCENT, "%") for token in parts)
    words = ", ".join(CODES[token].description for token in parts if token in CODES)
    return f"a {'date' if kind == DATE else 'date and time'} such as {example} ({words})"


def key(format: str | None, kind: str) -> str:
    """Return the YAML keys of a column with this format and type."""
    return f"type: {kind}" + (f', format: "{format}"' if format else "")


def date_text(value: date | time) -> str:
    """Return a date or time in ISO 8601; a midnight without its time."""
    return value.isoformat(sep=" ").removesuffix(" 00:00:00") if isinstance(value, datetime) else value.isoformat()
