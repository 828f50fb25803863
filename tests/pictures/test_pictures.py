"""The README's pictures: the recording and the drawing of a terminal, and the stored files."""

import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.pictures.__main__ import PICTURES, PROJECT, SIZE
from tests.pictures.recording import COLUMNS, Line, record
from tests.pictures.terminal import LINE, LONGEST_PAUSE, ROWS, drawn, playing_times

README = Path(__file__).parents[2] / "README.md"
SVG = "{http://www.w3.org/2000/svg}"
PROGRAM = """
import os, sys, time
print(sys.stdout.isatty(), os.environ["COLUMNS"], flush=True)
time.sleep(0.2)
print("\\x1b[1mbold\\x1b[0m ← é", flush=True)
sys.stderr.write("no end of line")
"""


def texts(svg: str) -> list[str]:
    """The text of each line that the picture shows."""
    root = ET.fromstring(svg)  # noqa: S314  # ours
    return ["".join(line.itertext()) for line in root.iter(f"{SVG}text") if line.get("class") == "line"]


def test_a_command_is_recorded_as_a_terminal_shows_it_with_the_time_of_each_line() -> None:
    lines = record([sys.executable, "-c", PROGRAM], {})
    assert [line.text for line in lines] == [f"True {COLUMNS}", "\x1b[1mbold\x1b[0m ← é", "no end of line"]
    assert lines[1].seconds - lines[0].seconds >= 0.15


def test_a_command_that_fails_makes_no_picture() -> None:
    with pytest.raises(subprocess.CalledProcessError) as failure:
        record([sys.executable, "-c", "print('why'); raise SystemExit(3)"], {})
    assert (failure.value.returncode, failure.value.output) == (3, "why")


def test_lines_appear_in_their_order_with_long_pauses_shortened() -> None:
    lines = [Line(0.1, "a"), Line(0.2, "b"), Line(30.0, "c"), Line(30.1, "d")]
    assert playing_times(lines) == pytest.approx([0.1, 0.2, 0.2 + LONGEST_PAUSE, 0.3 + LONGEST_PAUSE])


def test_styles_and_markup_are_kept_as_text() -> None:
    svg = drawn([Line(0, "\x1b[1mbold\x1b[0m & <b>plain</b>"), Line(1, ""), Line(2, "\x1b[2mdim\x1b[0m")], "<title>")
    assert texts(svg) == ["bold & <b>plain</b>", "dim"]
    assert '<tspan class="bold">bold</tspan>' in svg
    assert '<tspan class="dim">dim</tspan>' in svg


def test_a_long_recording_scrolls_to_its_last_lines() -> None:
    svg = drawn([Line(number, f"line {number}") for number in range(ROWS + 3)], "long")
    assert f"transform: translateY({-3 * LINE:g}px); animation: scroll" in svg
    assert "scroll" not in drawn([Line(0, "one")], "short")


def test_the_recording_in_the_readme_is_of_a_whole_demo_and_opens_without_a_network() -> None:
    svg = (PICTURES / "demo.svg").read_text(encoding="utf-8")
    shown = texts(svg)
    assert shown[0] == "$ make demo"
    assert max(map(len, shown)) <= COLUMNS
    for stage in ("ingest", "validate", "train", "evaluate", "register", "deploy", "predict", "monitor"):
        assert any(re.match(rf" +\d+\.\d s  {stage} ", line) for line in shown), stage
    assert [line for line in shown if re.search(r"(?<![\w:/.])/\w+/", line)] == [], "a path of one machine"
    assert not re.search(r"<script|<image|href|url\(|@import", svg)
    assert len(svg) < 200_000


def test_the_picture_of_the_page_is_small() -> None:
    content = (PICTURES / "page.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n")
    assert struct.unpack(">II", content[16:24]) == SIZE
    assert len(content) < 300_000


def test_the_readme_shows_both() -> None:
    assert set(re.findall(r"\.github/pictures/([\w.]+)", README.read_text())) == {"demo.svg", "page.png"}


def test_the_recording_names_no_folder_of_the_machine_that_made_it() -> None:
    text = (PICTURES / "demo.svg").read_text(encoding="utf-8")
    assert "directory '" not in text
    assert str(PROJECT) not in text
