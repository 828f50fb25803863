"""Trains one candidate, or refits the winner: a SageMaker training job in script mode.

Reads all Parquet files of the channels `train` and `validation`, the contract, and the settings. All hyperparameters
except `algorithm` are passed to the algorithm. Prints lines `<channel>:<metric>=<value>;` for MetricDefinitions, and
writes the same metrics to `metrics.json` of the job's output. SageMaker reads the lines from the log, which can be late
or incomplete. With a channel `selected`, which has the winner's model.tar.gz, the model is fitted to the training and
validation rows, and the winner's calibration and best iteration are taken from there. A job on several instances trains
one model on the rows of all (`tabular/distributed`); the first instance writes it and prints the metrics.
"""

import argparse
import ast
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tabular import early_stopping, job_settings
from tabular.artefact import Artefact
from tabular.boosting import PLAIN, Boosting
from tabular.calibration import file as calibration_file
from tabular.calibration.file import Calibration
from tabular.calibration.fitting import calibrate
from tabular.channels import StoredRows, read_channels
from tabular.checkpoints import Checkpoints
from tabular.collective import ALONE, Ranks, total
from tabular.compiled.compiler import add_file, compile_model
from tabular.contract import Contract
from tabular.cross_validation import cross_validate
from tabular.distributed.connection import connected, own_folders
from tabular.distributed.exact_sums import exact_sum
from tabular.distributed.fitting import class_counts, is_streamed, require_streamed
from tabular.distributed.fitting import fit as fit_streamed
from tabular.engineered.choice import Choice
from tabular.folds import read_keys
from tabular.learning_curve import add_learning_curve
from tabular.recipe import Fitted, Recipe, Rows
from tabular.reproducibility import reproducibility
from tabular.selected_features import selected_features
from tabular.selected_model import read_selected
from tabular.training_report import report, write_metrics

CHANNELS = ("train", "validation", "contract", "settings", "selected")


def parse(arguments: Sequence[str] | None = None) -> tuple[argparse.Namespace, dict[str, Any]]:
    """Return the job's folders and the algorithm's hyperparameters."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--algorithm", required=True)
    for channel in CHANNELS:
        parser.add_argument(f"--{channel}", type=Path, default=os.environ.get(f"SM_CHANNEL_{channel.upper()}"))
    parser.add_argument("--output-data-dir", type=Path, default=os.environ.get("SM_OUTPUT_DATA_DIR"))
    parser.add_argument("--model-dir", type=Path, default=os.environ.get("SM_MODEL_DIR"))
    parser.add_argument("--threads", type=int, default=int(os.environ.get("SM_NUM_CPUS", "1")))
    parser.add_argument("--report_every", type=int, default=0, help="rounds of XGBoost between two lines of a metric")
    parser.add_argument("--checkpoint_every", type=int, default=0, help="rounds of XGBoost between two checkpoints")
    parser.add_argument("--_tuning_objective_metric", help="SageMaker adds it to the training jobs of a search")
    known, rest = parser.parse_known_args(arguments)
    names, values = rest[::2], rest[1::2]
    return known, {name.lstrip("-"): _value(value) for name, value in zip(names, values, strict=True)}


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def main() -> None:
    """Train or refit, print the metrics, and write the artefact to the model folder."""
    places, hyperparameters = parse()
    settings = job_settings.read(places.settings)
    contract, choice = Contract.read(places.contract), Choice.of(settings.get("training") or {})
    recipe = Recipe(contract, places.algorithm, hyperparameters, places.threads, boosting(places), choice)
    with connected() as ranks:
        require_streamed(recipe, ranks)
        with own_folders(places, ranks) as folders:
            metrics = (refit if places.selected else train)(recipe, folders, settings, ranks)
            if ranks.rank == 0:
                write_metrics(places.output_data_dir, metrics)


def boosting(places: argparse.Namespace) -> Boosting:
    """Return what XGBoost does while it trains."""
    every = places.checkpoint_every
    return Boosting(places.report_every, Checkpoints.of_job(places.model_dir, every) if every else None)


def train(
    recipe: Recipe, places: argparse.Namespace, settings: dict[str, Any], ranks: Ranks = ALONE
) -> dict[str, float]:
    """Train a candidate, and write its artefact. Returns its metrics; none for another rank than 0.

    Each rank has its own part of the training rows, and all validation rows.
    """
    contract, folds = recipe.contract, settings.get("folds") or {}
    rows, validation = StoredRows((places.train,), contract), StoredRows((places.validation,), contract)
    announce("Training", recipe, rows, ranks)
    fitted = fitted_to(recipe, rows, validation, folds, ranks)
    artefact = stored(recipe, fitted, [rows, validation], places.model_dir, ranks)
    truth, output = outputs(artefact, rows, ranks)
    if ranks.rank != 0:
        return {}
    held_out, predicted = outputs(artefact, validation)
    learnt = calibrate(contract, settings.get("evaluation") or {}, held_out, predicted)
    artefact = calibrated(artefact, learnt, places.model_dir)
    metrics = reported(artefact, "train", truth, output) | reported(artefact, "validation", held_out, predicted)
    if across := (settings.get("training") or {}).get("cross_validation"):
        channels = [places.train, places.validation]
        every = read_channels(channels, contract)
        again = replace(recipe, hyperparameters={**recipe.hyperparameters, **fitted.chosen}, boosting=PLAIN)
        keys = read_keys(folds, channels, len(every))
        metrics |= cross_validate(again, Rows(every, keys), across["folds"], learnt.threshold)
    return metrics


def refit(
    recipe: Recipe, places: argparse.Namespace, settings: dict[str, Any], ranks: Ranks = ALONE
) -> dict[str, float]:
    """Fit the winner's recipe to the training and validation rows, and write its artefact. Returns its metrics.

    Each rank has its own part of both.
    """
    learnt, chosen = read_selected(places.selected)
    recipe = replace(recipe, hyperparameters={**recipe.hyperparameters, **chosen})
    rows = StoredRows((places.train, places.validation), recipe.contract)
    announce("Refitting", recipe, rows, ranks)
    fitted = fitted_to(recipe, rows, None, settings.get("folds") or {}, ranks)
    artefact = stored(recipe, fitted, [rows], places.model_dir, ranks)
    truth, output = outputs(artefact, rows, ranks)
    if ranks.rank != 0:
        return {}
    artefact = calibrated(artefact, learnt, places.model_dir)
    again, threshold = replace(recipe, boosting=PLAIN), learnt.threshold if learnt else None
    add_learning_curve(again, places.train, places.validation, settings, threshold, places.model_dir)
    return reported(artefact, "train", truth, output)


def fitted_to(
    recipe: Recipe, rows: StoredRows, held_out: StoredRows | None, folds: dict[str, Any], ranks: Ranks
) -> Fitted:
    """Fit a recipe to stored rows: batch by batch, or, where it needs them, to a frame of all rows."""
    if is_streamed(recipe):
        return fit_streamed(recipe, rows, held_out, ranks)
    keys = read_keys(folds, rows.places, len(rows))
    return recipe.fit(Rows(rows.frame(), keys), None if held_out is None else held_out.frame())


def announce(doing: str, recipe: Recipe, rows: StoredRows, ranks: Ranks) -> None:
    """Print what is fitted to which rows, and whether another job with them gives the same model."""
    count, every = len(recipe.contract.input_columns), total(ranks, len(rows))
    if ranks.rank == 0:
        print(f"{doing} {recipe.algorithm} {recipe.hyperparameters} on {every:,} rows, {count} features")
        print(reproducibility(recipe))
    if ranks.size > 1:
        print(f"Instance {ranks.rank + 1} of {ranks.size} has {len(rows):,} rows", flush=True)


def stored(recipe: Recipe, fitted: Fitted, rows: Sequence[StoredRows], folder: Path, ranks: Ranks) -> Artefact:
    """Write the artefact to `folder`, compile it, and return it as a server loads it.

    The first of `rows` has this rank's training rows. The compiled form is compared with the pipeline on the rows of
    all.
    """
    selected = selected_features(fitted.pipeline, recipe.contract, fitted.left_out)
    artefact = Artefact(fitted.pipeline, recipe.contract, baseline(recipe.contract, rows[0].truth, ranks))
    artefact.save(folder, code=Path(__file__).parent)
    early_stopping.write(folder, fitted.chosen)
    if selected:
        selected.write(folder)
    reason = compile_model(artefact, rows, folder, ranks)
    compared = total(ranks, len(rows[0])) + sum(map(len, rows[1:]))
    if ranks.rank == 0:
        for name, why in fitted.left_out.items():
            print(f"Left out: {name} is {why} in the training rows")
        if selected:
            print(selected.headline)
        print(f"Not compiled: {reason}" if reason else f"Compiled, and compared on {compared:,} rows")
    return Artefact.load(folder)


def outputs(artefact: Artefact, rows: StoredRows, ranks: Ranks = ALONE) -> tuple[np.ndarray, np.ndarray]:
    """Return the target of the n rows of all ranks, and the model's outputs for them."""
    predicted = np.concatenate([artefact.output(frame) for frame in rows.frames()])
    parts = ranks.gather((rows.truth, predicted))
    return np.concatenate([truth for truth, _ in parts]), np.concatenate([output for _, output in parts])


def calibrated(artefact: Artefact, learnt: Calibration | None, folder: Path) -> Artefact:
    """Write the calibration beside the artefact in `folder`. Returns the artefact with it."""
    if learnt:
        calibration_file.write(folder, learnt)
        add_file(folder, calibration_file.FILE)
    return replace(artefact, calibration=learnt)


def reported(artefact: Artefact, channel: str, truth: np.ndarray, output: np.ndarray) -> dict[str, float]:
    """Print the metrics of the outputs for n rows of a channel, and return them."""
    return report(artefact.contract, channel, truth, output, artefact.decide(output))


def baseline(contract: Contract, truth: np.ndarray, ranks: Ranks = ALONE) -> tuple[float, ...]:
    """Return the share of each class in the target of all ranks, or its mean. `truth` is this rank's (n,) target."""
    count = total(ranks, len(truth))
    if contract.task == "regression":
        return (float(exact_sum(ranks, truth) / count),)
    return tuple((ranks.sum(class_counts(contract, truth)) / count).tolist())


if __name__ == "__main__":
    main()
