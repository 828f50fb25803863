"""What the command line prints on a terminal, and in a pipe."""

import io
import subprocess
import sys

import pytest
from rich.tree import Tree

from flows.commands.output import Output, console, progress_on_stderr, show_progress, table
from tasks.progress import log
from tests.patience import PATIENCE

LONG = "arn:aws:sagemaker:us-east-1:000000000000:model-package/student-grades/1 " * 4


class Terminal(io.StringIO):
    """The output to a terminal."""

    def isatty(self) -> bool:
        return True


def test_in_a_pipe_each_row_of_a_table_and_a_tree_is_one_line_without_spaces_at_its_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    rows = table("version", "reason")
    rows.add_row("1", LONG)
    rows.add_row("2", "short")
    tree = Tree("model version")
    tree.add(LONG)
    console.print(rows)
    console.print(tree)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "version  reason",
        f"1        {LONG.strip()}",
        "2        short",
        "model version",
        f"└── {LONG.strip()}",
    ]


def test_on_a_terminal_a_table_fits_and_breaks_no_word() -> None:
    terminal = Terminal()
    rows = table("version", "state", "reason", whole=("version",))
    rows.add_row("20260101-010101-aaaa", "InService", "rmse better than the champion's 12.1433: found 12.1862 " * 3)
    Output(file=terminal, width=60, color_system=None).print(rows)
    lines = terminal.getvalue().splitlines()
    assert max(map(len, lines)) <= 60
    assert len(lines) > 2
    assert {"20260101-010101-aaaa", "InService", "champion's"} <= set(terminal.getvalue().split())


def test_a_command_whose_reader_ends_before_it_is_quiet() -> None:
    program = "from flows.commands.output import console\nfor _ in range(10_000): console.print('a line of text')"
    writer = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert writer.stdout
    assert writer.stderr
    assert writer.stdout.readline() == b"a line of text\n"
    writer.stdout.close()
    assert writer.stderr.read() == b""
    assert writer.wait(PATIENCE) == 1


def test_progress_goes_to_stderr_unless_a_command_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    before = log.handlers[:], log.propagate
    with progress_on_stderr():
        log.info("begins")
        show_progress()
        log.info("continues")
    assert (log.handlers, log.propagate) == before
    printed = capsys.readouterr()
    assert [printed.err.split("s  ")[1], printed.out.split("s  ")[1]] == ["begins\n", "continues\n"]
