"""Draws a recording as an animated SVG file: CSS only, without scripts, fonts or external addresses."""

from collections.abc import Sequence
from html import escape

from rich.text import Text

from tests.pictures.recording import COLUMNS, Line

ROWS = 26
"""Visible at once; earlier lines scroll away."""
LONGEST_PAUSE = 0.7
"""Seconds. Longer pauses are shortened to it."""
CHARACTER, LINE, MARGIN, TITLE = 8.4, 19.0, 14.0, 34.0
"""Pixels: width of a character, height of a line, space around the text, height of the title bar."""
_STYLE = """
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; fill: #d0d7de; }
.bold { font-weight: 700; fill: #ffffff; }
.dim { fill: #8b949e; }
.line { animation: appear 1ms both; }
@keyframes appear { from { visibility: hidden; } }
@media (prefers-reduced-motion: reduce) { .line, .screen { animation: none; } }
"""
_BUTTONS = "".join(
    f'<circle cx="{x}" cy="18" r="6" fill="{colour}"/>'
    for x, colour in ((20, "#ff5f57"), (40, "#febc2e"), (60, "#28c840"))
)


def drawn(lines: Sequence[Line], title: str) -> str:
    """Return the SVG text. Without animations it shows the last ROWS lines."""
    times = playing_times(lines)
    width, height = COLUMNS * CHARACTER + 2 * MARGIN, ROWS * LINE + 2 * MARGIN + TITLE
    shown = "\n".join(
        _line(number, line.text, seconds) for number, (line, seconds) in enumerate(zip(lines, times, strict=True))
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">
<title>{escape(title)}</title>
<style>{_STYLE}{_scrolling(times)}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
{_BUTTONS}
<text x="{width / 2:g}" y="23" text-anchor="middle" class="dim">{escape(title)}</text>
<svg x="{MARGIN:g}" y="{TITLE:g}" width="{COLUMNS * CHARACTER:g}" height="{ROWS * LINE + MARGIN:g}">
<g class="screen">
{shown}
</g>
</svg>
</svg>
"""


def playing_times(lines: Sequence[Line]) -> list[float]:
    """The time of each line in seconds, with long pauses shortened."""
    times, clock, before = [], 0.0, 0.0
    for line in lines:
        clock += min(line.seconds - before, LONGEST_PAUSE)
        before = line.seconds
        times.append(round(clock, 2))
    return times


def _scrolling(times: Sequence[float]) -> str:
    """When the screen is full, each new line scrolls it up by a line."""
    steps = {seconds: number + 1 - ROWS for number, seconds in enumerate(times) if number >= ROWS}
    if not steps:
        return ""
    last = max(times[-1], 0.01)
    frames = "".join(
        f"{100 * at / last:.2f}% {{ transform: translateY({-LINE * by:g}px); }}\n" for at, by in steps.items()
    )
    end = f"transform: translateY({-LINE * (len(times) - ROWS):g}px);"
    return (
        f".screen {{ {end} animation: scroll {last:g}s step-end both; }}\n"
        f"@keyframes scroll {{\n0% {{ transform: none; }}\n{frames}}}\n"
    )


def _line(number: int, text: str, seconds: float) -> str:
    styled = Text.from_ansi(text)
    length = len(styled.plain)
    if not styled.plain.strip():
        return ""
    parts = "".join(_part(piece) for piece in styled.divide(sorted({end for span in styled.spans for end in span[:2]})))
    return (
        f'<text class="line" style="animation-delay:{seconds:g}s" y="{(number + 0.8) * LINE:g}" '
        f'textLength="{length * CHARACTER:g}" xml:space="preserve">{parts}</text>'
    )


def _part(piece: Text) -> str:
    names = {name for span in piece.spans for name in str(span.style).split() if name in ("bold", "dim")}
    words = escape(piece.plain, quote=False)
    return f'<tspan class="{" ".join(sorted(names))}">{words}</tspan>' if names else words
