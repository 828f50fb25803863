"""Evaluates a model, the champion and a naive prediction on held-out rows: a SageMaker processing job."""

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def evaluate(challenger: Path, champion: Path | None, test: Path, settings: Path | None = None) -> dict[str, Any]:
    """Score each model.tar.gz and the naive prediction on the rows of the Parquet files in the folder `test`.

    Adds the evidence of the challenger by its kinds (`tabular.evidence`).
    """
    from tabular import contract_frames, job_settings
    from tabular.channels import read_channel, read_columns
    from tabular.evidence import collect
    from tabular.evidence.judged import JudgedRows
    from tabular.evidence.points import points
    from tabular.metrics import score

    model = unpack(challenger)
    contract = model.contract
    frame = read_channel(test, contract)
    truth, output = contract_frames.outputs(contract, frame), model.output(frame)
    others = _champion_output(champion, test)
    judged = JudgedRows(
        contract=contract,
        truth=truth,
        output=output,
        columns=read_columns(test),
        settings=job_settings.read(settings),
        model=model,
        champion=others,
    )
    return {
        "rows": len(frame),
        "metrics": score(contract.task, truth, output),
        "baseline": score(contract.task, truth, model.naive_output(len(frame))),
        "champion": None if others is None else score(contract.task, truth, others),
        "points": points(judged),
        **collect(judged),
    }


def _champion_output(archive: Path | None, test: Path) -> Any:
    from tabular.channels import read_channel

    if archive is None:
        return None
    model = unpack(archive)
    return model.output(read_channel(test, model.contract))


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
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]  # the check would ask an index
        subprocess.run([*pip, "install", "-r", HERE / "requirements.txt"], check=True)
        invalidate_caches()


def main() -> None:
    """Write `evaluation.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--challenger", type=Path, required=True)
    parser.add_argument("--champion", type=Path)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    result = evaluate(arguments.challenger, arguments.champion, arguments.test, arguments.settings)
    (arguments.output / "evaluation.json").write_text(json.dumps(result), encoding="utf-8")
    print(json.dumps({name: result[name] for name in ("rows", "metrics", "baseline", "champion")}))


if __name__ == "__main__":
    main()
