"""Evaluates a model, the champion and a naive prediction on held-out rows: a SageMaker processing job."""

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def evaluate(
    challenger: Path, champion: Path | None, test: Path, settings: Path | None = None, history: Sequence[Path] = ()
) -> dict[str, Any]:
    """Score each model.tar.gz and the naive prediction on the rows of the Parquet files in the folder `test`.

    The folders `history` have the training and validation rows, where the settings have `recommendation`.
    Adds the size of the challenger's archive, its learning curve if it has one, and its evidence by kinds
    (`tabular.evidence`).
    """
    from tabular import job_settings
    from tabular.evidence import collect
    from tabular.evidence.points import points
    from tabular.metrics import score
    from tabular.model_archive import read_json
    from tabular.model_files import LEARNING_CURVE_FILE

    known = job_settings.read(settings)
    before = judge(champion, test, known) if champion else None
    judged = replace(judge(challenger, test, known, before), history=earlier_rows(history, known))
    rows = len(judged.truth)
    return {
        "rows": rows,
        "metrics": judged.scores,
        "baseline": score(judged.contract.task, judged.truth, judged.model.naive_output(rows)),
        "champion": before.scores if before else None,
        "points": points(judged),
        "bytes": challenger.stat().st_size,
        "learning_curve": read_json(challenger, LEARNING_CURVE_FILE),
        **collect(judged),
    }


def judge(archive: Path, test: Path, settings: dict[str, Any], champion: Any = None) -> Any:
    """Return the JudgedRows of the model in a model.tar.gz."""
    from tabular import contract_frames
    from tabular.channels import read_channel, read_columns
    from tabular.evidence.judged import JudgedRows

    model = unpack(archive)
    frame = read_channel(test, model.contract)
    return JudgedRows(
        contract=model.contract,
        truth=contract_frames.outputs(model.contract, frame),
        output=model.output(frame),
        columns=read_columns(test),
        calibration=model.calibration,
        settings=settings,
        frame=frame,
        model=model,
        champion=champion,
    )


def earlier_rows(places: Sequence[Path], settings: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that recommendations by popularity and past means are learned from, by name."""
    import pyarrow as pa

    from tabular.channels import read_columns

    if not (rules := settings.get("recommendation")):
        return {}
    parts = [read_columns(place, [rules["item"], rules["target"]]) for place in places]
    return {name: pa.concat_arrays([part[name] for part in parts]) for name in (parts or [{}])[0]}


def unpack(archive: Path) -> Any:
    """Load the artefact of a model.tar.gz: its compiled model, or its pipeline, which needs skops."""
    from tabular.artefact import Artefact, is_compiled

    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
        if not is_compiled(Path(folder)):
            require_skops()
        return Artefact.load(Path(folder))


def require_skops() -> None:
    """Install the requirements where they are absent: a processing job installs none by itself."""
    if find_spec("skops") is None:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]  # the check would need an index
        subprocess.run([*pip, "install", "-r", HERE / "requirements.txt"], check=True)
        invalidate_caches()


def main() -> None:
    """Write `evaluation.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--challenger", type=Path, required=True)
    parser.add_argument("--champion", type=Path)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--history", type=Path, nargs="*", default=[])
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    result = evaluate(arguments.challenger, arguments.champion, arguments.test, arguments.settings, arguments.history)
    (arguments.output / "evaluation.json").write_text(json.dumps(result), encoding="utf-8")
    print(json.dumps({name: result[name] for name in ("rows", "metrics", "baseline", "champion")}))


if __name__ == "__main__":
    main()
