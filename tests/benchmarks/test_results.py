"""The table of figures in tests/README.md."""

from pathlib import Path

from tests.benchmarks import results

README = Path(__file__).parents[1] / "README.md"

ROW = {
    "subject": "s",
    "what": "a call",
    "beside": "moto",
    "ours": 1234.5,
    "theirs": 0.25,
    "unit": "calls/s",
    "ratio": 4938.0,
    "goal": "no fewer",
    "holds": True,
}


def test_the_table_is_written_between_its_markers_and_marks_a_missed_goal() -> None:
    text = "before\n<!-- benchmarks -->\nold\n<!-- /benchmarks -->\nafter"
    shown = results.inserted(text, [ROW, {**ROW, "what": "another", "holds": False}])
    assert "| a call | 1,234 calls/s | moto | 0.25 calls/s | 4,938 | no fewer |" in shown
    assert "| another | 1,234 calls/s | moto | 0.25 calls/s | 4,938 | no fewer — **missed** |" in shown
    assert "old" not in shown
    assert shown.startswith("before\n<!-- benchmarks -->\n")
    assert shown.endswith("<!-- /benchmarks -->\nafter")
    assert results.inserted("nothing here", [ROW]) == "nothing here"


def test_the_readme_shows_the_figures_that_were_measured() -> None:
    text = README.read_text()
    assert "<!-- benchmarks -->" in text
    assert text == results.inserted(text, results.kept())
