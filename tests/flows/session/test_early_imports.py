import json
import subprocess
import sys
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest

from config import settings
from flows.session.early_imports import LIBRARIES, import_early, steps_will_run
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


def test_libraries_are_imported_early_if_the_cloud_has_to_be_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "CLOUD", tmp_path)
    assert steps_will_run(fresh=False)


def test_the_command_imports_no_slow_library() -> None:
    assert _imported("import flows.commands.main") == []


def test_a_run_that_reuses_all_results_imports_no_library_of_its_steps() -> None:
    """The flow reads each stage's module. Only a step that runs imports what it needs."""
    assert _imported("import flows.lifecycle, flows.stages; [stage.inputs for stage in flows.stages.STAGES]") == []


def _imported(code: str) -> list[str]:
    """Return the slow libraries that the code imports in a new process."""
    names = [*LIBRARIES, "altair", "matplotlib", "scipy", "sklearn"]
    code = f"{code}; import json, sys; print(json.dumps([name for name in {names!r} if name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, text=True, capture_output=True, check=True)
    return list(json.loads(done.stdout))
