"""The training jobs of a candidate: what the job of the candidate and that of its refit have in common."""

import json
from collections.abc import Mapping
from typing import Any

from config.candidates import METRICS, Candidate
from config.splits import GroupSplit, TimeSplit
from config.use_case import UseCase
from tabular.contract import Contract
from tasks import job_settings, locations, model_contract, scripts
from tasks.references import DataSplit
from tasks.steps import is_fresh

READ_KEYS = ("costs", "prediction_sets")
"""The keys of `evaluation` that a training job reads. A change of another one repeats no training job."""

CHOOSING = ("selection", "reduction")
"""The keys of `training` that are settings of jobs only where they are set, so that the digests of others stay."""
ONLY_REFIT = ("learning_curve",)
"""Those that only the job of the refit reads."""
CHECKPOINT_EVERY = 50
"""The rounds of XGBoost between two checkpoints of a spot job."""


def request(
    use_case: UseCase,
    split: DataSplit,
    algorithm: str,
    hyperparameters: Mapping[str, Any],
    tags: Mapping[str, str],
    selected: str | None = None,
) -> dict[str, Any]:
    """Return the arguments of `run_training_job` for a job of `sagemaker_scripts/train.py`.

    `selected` is the address of the winner's model.tar.gz: then the job refits it. Of several instances, each gets a
    part of the rows that the model is fitted to, and all validation rows of a candidate.
    """
    reads = settings(use_case, refits=selected is not None)
    metrics, primary = METRICS[use_case.target.task], use_case.evaluation.primary
    channels = {"train": split.train_uri, "validation": split.validation_uri, "contract": split.contract_uri}
    prefixes = ["train"] if selected else ["train", "validation"]
    checkpoints = {"checkpoint_every": CHECKPOINT_EVERY} if use_case.training.spot and algorithm == "xgboost" else {}
    if use_case.training.cross_validation and not selected:
        prefixes += ["cv", "cv_sd"]
    return {
        "use_case": use_case.name,
        "source_dir": scripts.upload(use_case.name),
        "program": "train.py",
        "channels": {**channels, "settings": reads, **({"selected": selected} if selected else {})},
        "hyperparameters": {"algorithm": algorithm, **hyperparameters, **checkpoints},
        "metrics": [f"{prefix}:{metric}" for prefix in prefixes for metric in metrics],
        "required": [f"train:{primary}" if selected else use_case.selected_by],
        "output": locations.jobs(use_case.name),
        "tags": {"use-case": use_case.name, "split": split.digest, **tags},
        "instances": use_case.training.instances,
        "sharded": ["train", "validation"] if selected else ["train"],
        "spot": use_case.training.spot,
        "fresh": is_fresh(),
    }


def hyperparameters(use_case: UseCase, candidate: Candidate) -> dict[str, Any]:
    """Return a candidate's hyperparameters; for a stack, also the algorithms and hyperparameters of its parts."""
    if not candidate.of:
        return candidate.hyperparameters
    known = {each.name: each for each in use_case.candidates}
    parts = {
        name: {"algorithm": known[name].algorithm, "hyperparameters": known[name].hyperparameters}
        for name in candidate.of
    }
    return {**candidate.hyperparameters, "of": parts}


def settings(use_case: UseCase, refits: bool = False) -> str:
    """Publish the settings of the candidates' jobs, or of the refit's, and return the folder."""
    names = (*CHOOSING, *(ONLY_REFIT if refits else ()))
    chosen = [name for name in names if getattr(use_case.training, name) is not None]
    return job_settings.publish(
        use_case, evaluation=READ_KEYS, training=("cross_validation", *chosen), further={"folds": folds(use_case)}
    )


def folds(use_case: UseCase) -> dict[str, Any]:
    """Return what folds of rows go by: the kind of the split, and a contract with the columns of its group or time.

    The contract is in the form of contract.json. A derived column comes with its expression and what it needs.
    """
    how = use_case.split
    columns = _columns(use_case, how.names) if isinstance(how, GroupSplit | TimeSplit) else None
    return {"by": how.by, "columns": columns}


def _columns(use_case: UseCase, names: tuple[str, ...]) -> dict[str, Any]:
    known, derived = model_contract.columns(use_case), use_case.derived_columns
    sources = {source for name in names for source in use_case.sources_of(name)}
    terms = Contract(
        use_case=use_case.name,
        task=use_case.target.task,
        target=use_case.target.column,
        classes=use_case.target.classes or (),
        primary=use_case.evaluation.primary,
        features=tuple(column for name, column in known.items() if name in sources),
        seed=use_case.seed,
        derived=tuple(derived.values()) if set(names) & derived.keys() else (),
        used=names,
    )
    return dict(json.loads(terms.json()))
