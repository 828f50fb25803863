import pytest

from flows.commands import quarantine_tables
from flows.commands.output import console
from tasks.quarantine.rows import Quarantine as Found
from tasks.quarantine.rows import QuarantinedRow, ReasonCount
from tests.tasks.quarantine.quarantines import SOUND
from tests.use_cases import small_use_case

WIDTH = 40


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "width", WIDTH)


def test_rows_and_reasons_fit_a_narrow_terminal_and_only_the_first_rows_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = QuarantinedRow({**SOUND, "text": None}, 3, "a.csv", 5, ("age: " + "expected " * 9,))
    quarantine_tables.show_rows(small_use_case(), [row] * 25)
    quarantine_tables.show_reasons(Found("v", "uri"), 1, {"[bold]age: " + "x" * 60: ReasonCount(1, "line 5")})
    output = capsys.readouterr().out
    assert output.count("a.csv, line 5\n") == 20
    assert "... and 5 more rows" in output
    assert "[bold]age" in output
    assert max(map(len, output.replace(" Write all of them to a file: --output rows.csv", "").splitlines())) <= WIDTH
