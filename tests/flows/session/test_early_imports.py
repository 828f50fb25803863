import subprocess
import sys
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest

from flows.session.early_imports import LIBRARIES, import_early
from tests.flows.conftest import PROJECT
from tests.patience import PATIENCE


def test_what_is_named_is_imported_beside_the_main_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Event()
    monkeypatch.setitem(sys.modules, "gate", SimpleNamespace(opened=gate))
    (tmp_path / "slow_library.py").write_text(f"import gate\nOPENED = gate.opened.wait({PATIENCE})\n")
    monkeypatch.syspath_prepend(tmp_path)
    thread = import_early(["slow_library"])
    gate.set()
    thread.join()
    assert sys.modules.pop("slow_library").OPENED


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_import_error_is_left_to_the_task_that_needs_the_module() -> None:
    import_early(["this_is_absent"]).join()
    assert "this_is_absent" not in sys.modules


def test_no_slow_library_is_imported_before_it_is_needed() -> None:
    code = f"import flows.commands.main, sys; print([name for name in {LIBRARIES!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, text=True, capture_output=True, check=True)
    assert done.stdout.strip() == "[]"
