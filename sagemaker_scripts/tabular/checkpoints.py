"""Trains XGBoost in parts with a checkpoint after each, so that a spot job resumes after an interruption.

Each part begins with the stored checkpoint, also when nothing interrupts it, and has its own seed. So an interrupted
and an uninterrupted job train the same model: XGBoost's state of random numbers is in no model file.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xgboost

NAME = "xgboost-checkpoint"
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one job: models after a number of rounds."""

    folder: Path
    every: int
    """The number of rounds of one part."""

    @classmethod
    def of_job(cls, model_dir: Path, every: int) -> "Checkpoints":
        """The checkpoints of this job, in SageMaker's folder beside `model_dir`. Jobs of a search share that folder."""
        return cls(model_dir.parent / "checkpoints" / os.environ.get("TRAINING_JOB_NAME", ""), every)

    def latest(self) -> tuple[int, Path | None]:
        """The rounds and the file of the newest readable checkpoint; 0 and None without one."""
        found = sorted(self.folder.glob(f"{NAME}.*.ubj"), key=_rounds, reverse=True)
        return next(((_rounds(path), path) for path in found if _is_readable(path)), (0, None))

    def save(self, model: Any, rounds: int) -> Path:
        """Write a checkpoint of a fitted estimator, and remove the older ones. Returns its path."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path, part = self.folder / f"{NAME}.{rounds}.ubj", self.folder / f".{NAME}"
        part.write_bytes(model.get_booster().save_raw("ubj"))
        part.replace(path)
        for other in self.folder.glob(f"{NAME}.*.ubj"):
            if other != path:
                other.unlink()
        return path

    def fit(self, model: Any, train: Callable[..., Any]) -> None:
        """Fit an XGBoost estimator by `train`, which continues the model at `xgb_model`, from the latest checkpoint."""
        total, seed = model.get_num_boosting_rounds(), model.random_state or 0
        given = {"n_estimators": model.n_estimators, "random_state": model.random_state}
        done, path = self.latest()
        if done:
            print(f"Resumes from a checkpoint: {done} of {total} rounds are trained", flush=True)
        while done < total:
            rounds = min(self.every, total - done)
            model.set_params(n_estimators=rounds, random_state=(seed + done) % LARGEST_SEED)
            train(xgb_model=path and str(path))
            done += rounds
            if done < total:
                path = self.save(model, done)
        model.set_params(**given)


def _rounds(path: Path) -> int:
    return int(path.name.split(".")[1])


def _is_readable(path: Path) -> bool:
    try:
        xgboost.Booster(model_file=path)
    except xgboost.core.XGBoostError:  # an interruption in the middle of a transfer
        return False
    return True
