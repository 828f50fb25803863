import pytest

from config.errors import ConfigError
from tabular.date_formats import CODES, COMMON, ISO
from tasks.data_contracts.java_dates import PATTERNS, from_java, to_java


@pytest.mark.parametrize(
    ("format", "pattern"),
    [
        ("%Y-%m-%d", "yyyy-MM-dd"),
        ("%d/%m/%y", "dd/MM/yy"),
        ("%Y-%m-%dT%H:%M:%S", "yyyy-MM-dd'T'HH:mm:ss"),
        ("%d %b %Y at %I:%M %p", "dd MMM yyyy 'at' hh:mm a"),
        ("%H o'clock %Y-%m-%d", "HH 'o''clock' yyyy-MM-dd"),
        ("100%% %Y-%m-%d", "100% yyyy-MM-dd"),
    ],
)
def test_a_format_is_the_same_after_both_conversions(format: str, pattern: str) -> None:
    assert to_java(format) == pattern
    assert from_java(pattern) == format


def test_every_code_and_every_common_format_has_a_pattern() -> None:
    assert PATTERNS.keys() == CODES.keys()
    for format in [*ISO.values(), *(each for each, _ in COMMON if each)]:
        assert from_java(to_java(format)) == format


@pytest.mark.parametrize("pattern", ["yyyy-MM-dd G", "EEE, d MMM yyyy", "yyyy-MM-dd 'T"])
def test_a_pattern_that_no_format_has_is_refused(pattern: str) -> None:
    with pytest.raises(ConfigError, match="expected a pattern of"):
        from_java(pattern)
