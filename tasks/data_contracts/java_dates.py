"""Date formats: between strptime's codes (`tabular.date_formats`) and the patterns of Java's DateTimeFormatter."""

import re

from config.errors import ConfigError

PATTERNS = {
    "%Y": "yyyy", "%y": "yy", "%m": "MM", "%b": "MMM", "%B": "MMMM", "%d": "dd", "%H": "HH", "%I": "hh", "%p": "a",
    "%M": "mm", "%S": "ss", "%f": "SSSSSS", "%z": "XXX",
}  # fmt: skip
READ = {
    **{pattern: code for code, pattern in PATTERNS.items()},
    "uuuu": "%Y", "uu": "%y", "M": "%m", "d": "%d", "H": "%H", "h": "%I", "m": "%M", "s": "%S", "SSS": "%f",
    "X": "%z", "XX": "%z", "xx": "%z", "xxx": "%z", "Z": "%z",
}  # fmt: skip
"""The codes of the patterns. strptime's codes also read numbers without a leading zero."""
_CODE = re.compile(r"%.")
_PIECE = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>([A-Za-z])\3*)|(?P<other>[^A-Za-z'])")


def to_java(format: str) -> str:
    """Return a format of strptime's codes as a pattern of Java's."""
    found, end = "", 0
    for code in _CODE.finditer(format):
        found += _quoted(format[end : code.start()]) + PATTERNS.get(code[0], "%")
        end = code.end()
    return found + _quoted(format[end:])


def _quoted(text: str) -> str:
    """Quote letters and apostrophes, which mean something else in a pattern."""
    return re.sub(r"[A-Za-z']+", lambda found: "'" + found[0].replace("'", "''") + "'", text)


def from_java(pattern: str) -> str:
    """Return a pattern of Java's as strptime's codes. Raises ConfigError for a letter that has no code."""
    found, end = "", 0
    for piece in _PIECE.finditer(pattern):
        if piece.start() != end:
            break
        end = piece.end()
        if letters := piece["letters"]:
            if letters not in READ:
                raise ConfigError(f"expected a pattern of year, month, day and time, found {letters!r} in {pattern!r}")
            found += READ[letters]
        else:
            literal = piece["other"] or (piece["quoted"] or "'").replace("''", "'")
            found += literal.replace("%", "%%")
    if end != len(pattern):
        raise ConfigError(f"expected a pattern of Java's DateTimeFormatter, found {pattern!r}")
    return found
