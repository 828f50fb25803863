import re
from pathlib import Path

import jinja2
import pytest

from tasks.pages import templates
from tasks.pages.templates import data_uri, render

STYLE = (Path(templates.__file__).parent / "style.css").read_text()
READABLE = 4.5
"""The contrast of text that WCAG 2.2 requires at level AA."""


def colours() -> dict[str, tuple[str, str]]:
    """The style's colours by name, in light and in dark."""
    found = re.findall(r"--(\w+): light-dark\((#\w+), (#\w+)\)", STYLE)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("text", ["ink", "soft", "good", "warn", "bad", "main"])
@pytest.mark.parametrize("ground", ["back", "card"])
@pytest.mark.parametrize("dark", [0, 1])
def test_every_text_is_readable_in_light_and_in_dark(text: str, ground: str, dark: int) -> None:
    low, high = sorted(luminance(colours()[name][dark]) for name in (text, ground))
    assert (high + 0.05) / (low + 0.05) >= READABLE


def test_a_value_that_is_missing_is_an_error_and_no_blank() -> None:
    with pytest.raises(jinja2.UndefinedError, match="use_case"):
        render("lifecycle.html.j2")


def test_an_image_is_held_by_its_address() -> None:
    assert data_uri("<svg/>") == "data:image/svg+xml;base64,PHN2Zy8+"
