"""The table of figures in tests/README.md."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.benchmarks import drift_table, estimates_table, results, serving_table
from tests.benchmarks.process_memory import memory_alone
from tests.patience import until

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
    for stored in (serving_table, drift_table, estimates_table):
        assert f"<!-- {stored.MARKER} -->" in text
        assert text == results.replaced(text, stored.kept(), stored.MARKER)


def test_the_table_of_estimates_has_the_mean_errors_and_how_often_the_interval_has_the_truth() -> None:
    cell = {"panel": "wagepan, union", "part": "years", "metric": "roc_auc", "samples": 8, "within": 0.875}
    lines = estimates_table.table([{**cell, "VishwaOps": 0.0491, "as at training": 0.05, "NannyML": 0.06}]).splitlines()
    assert lines[0].endswith("| VishwaOps | NannyML | ATC | DoC | as at training | truth within our 95 % |")
    assert lines[2] == "| wagepan, union | years | roc_auc | 8 | 0.049 | 0.060 | — | — | 0.050 | 88% |"


def test_the_drift_table_has_a_row_for_each_shift_and_columns_for_each_size_and_detector() -> None:
    rates = {"kind": "numbers", "scored": 200, "resamples": 1_000, "Evidently": 0.05, "NannyML": None}
    cells = [
        {**rates, "shift": "none", "reference": 600, "VishwaOps": 0.002},
        {**rates, "shift": "mean +1 sd", "reference": 600, "VishwaOps": 1.0},
    ]
    lines = drift_table.table(cells).splitlines()
    assert lines[0] == "| column | shift | VishwaOps, 600 and 200 rows | Evidently | NannyML |"
    assert lines[2:] == ["| numbers | none | 0.2% | 5.0% | — |", "| numbers | mean +1 sd | 100.0% | 5.0% | — |"]


def test_the_serving_table_has_a_row_for_each_load_and_a_column_for_each_server() -> None:
    cells = [
        {"server": name, "batch": 1_000, "connections": 8, "per_second": rate, "median_ms": 1.234, "p99_ms": 250.0}
        for name, rate in (("ours", 12_345.6), ("peer", 2.25))
    ]
    started = {"ours": {"start_seconds": 0.51, "idle_mb": 99.6}, "peer": {"start_seconds": 8.0, "idle_mb": 600.0}}
    lines = serving_table.table(cells, started, {1: 0.00014, 1_000: 0.0048}).splitlines()
    assert lines[0] == "| rows | connections | ours | peer |"
    assert lines[2] == "| 1,000 | 8 | 12,346/s, 1.2 / 250 ms | 2.2/s, 1.2 / 250 ms |"
    assert lines[3:5] == ["| start, s |  | 0.5 | 8.0 |", "| idle memory, MB |  | 100 | 600 |"]
    assert lines[-1] == "`Booster.inplace_predict` alone, one thread: 1 row 0.14 ms; 1,000 rows 4.8 ms."


def test_the_memory_of_a_process_tree_counts_shared_pages_once() -> None:
    allocate = "import os, time; content = b'x' * 50_000_000; print(flush=True); os.fork(); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", allocate], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        process.stdout.readline()
        until(lambda: psutil.Process(process.pid).children())
        found = memory_alone(process.pid)
        os.killpg(process.pid, signal.SIGKILL)
    assert 50 < found < 75
