"""Training that resumes from its last checkpoint, with the names of AWS's XGBoost container, `checkpointing.py`."""

import re
from pathlib import Path
from typing import Any

import xgboost as xgb

_NAME = "xgboost-checkpoint"


def train(train_args: dict[str, Any], checkpoint_dir: str) -> Any:
    """`xgb.train` with a checkpoint after every round; rounds that a checkpoint holds are not trained again.

    Args:
        train_args: arguments of `xgb.train`.
        checkpoint_dir: folder of the checkpoints, which SageMaker keeps in S3.
    """
    arguments = dict(train_args)
    model, done = load_checkpoint(checkpoint_dir)
    rounds = int(arguments.pop("num_boost_round", 10)) - done
    callbacks = [*(arguments.pop("callbacks", None) or []), _SaveCheckpoint(checkpoint_dir, done)]
    if model and rounds <= 0:
        return xgb.Booster(model_file=model)
    if model:
        arguments["xgb_model"] = model
    return xgb.train(**arguments, num_boost_round=rounds, callbacks=callbacks)


def load_checkpoint(checkpoint_dir: str, max_try: int = 5) -> tuple[str | None, int]:
    """The newest readable checkpoint and its number of rounds; None and 0 without one."""
    found = sorted(
        ((int(match.group(1)), file) for file in Path(checkpoint_dir).glob("*") if (match := _numbered(file))),
        reverse=True,
    )
    for number, file in found[:max_try]:
        try:
            xgb.Booster(model_file=str(file))
        except xgb.core.XGBoostError:
            continue
        return str(file), number + 1
    return None, 0


def _numbered(file: Path) -> re.Match[str] | None:
    return re.fullmatch(rf"{_NAME}\.(\d+)\.ubj", file.name)


class _SaveCheckpoint(xgb.callback.TrainingCallback):
    """Runs after every round, on the first host; keeps the last five checkpoints."""

    def __init__(self, folder: str, done: int) -> None:
        super().__init__()
        self._folder, self._done = Path(folder), done

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        if xgb.collective.get_rank() == 0:
            self._folder.mkdir(parents=True, exist_ok=True)
            aside = self._folder / f".{_NAME}.ubj"
            model.save_model(aside)
            aside.replace(self._folder / f"{_NAME}.{self._done + epoch}.ubj")
            (self._folder / f"{_NAME}.{self._done + epoch - 5}.ubj").unlink(missing_ok=True)
        return False
