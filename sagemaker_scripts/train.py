"""Trains one candidate, or refits the winner: a SageMaker training job in script mode.

Reads all Parquet files of the channels `train` and `validation`, the contract, and the settings. All hyperparameters
except `algorithm` are passed to the algorithm. Prints lines `<channel>:<metric>=<value>;` for MetricDefinitions, and
writes the same metrics to `metrics.json` of the job's output. SageMaker reads the lines from the log, which can be late
or incomplete. With a channel `selected`, which has the winner's model.tar.gz, the model is fitted to the training and
validation rows, and the winner's calibration and best iteration are taken from there.
"""

import argparse
import ast
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabular import contract_frames, early_stopping, job_settings
from tabular.artefact import Artefact
from tabular.boosting import PLAIN, Boosting
from tabular.calibration import file as calibration_file
from tabular.calibration.file import Calibration
from tabular.calibration.fitting import calibrate
from tabular.channels import read_channel, read_channels
from tabular.checkpoints import Checkpoints
from tabular.compiled.compiler import add_file, compile_model
from tabular.contract import Contract
from tabular.cross_validation import cross_validate
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
    metrics = (refit if places.selected else train)(recipe, places, settings)
    write_metrics(places.output_data_dir, metrics)


def boosting(places: argparse.Namespace) -> Boosting:
    """Return what XGBoost does while it trains."""
    every = places.checkpoint_every
    return Boosting(places.report_every, Checkpoints.of_job(places.model_dir, every) if every else None)


def train(recipe: Recipe, places: argparse.Namespace, settings: dict[str, Any]) -> dict[str, float]:
    """Train a candidate, and write its artefact. Returns its metrics."""
    contract, folds = recipe.contract, settings.get("folds") or {}
    rows, validation = read_channel(places.train, contract), read_channel(places.validation, contract)
    announce("Training", recipe, rows)
    fitted = recipe.fit(Rows(rows, read_keys(folds, [places.train], len(rows))), validation)
    artefact = stored(recipe, fitted, [rows, validation], places.model_dir)
    output, truth = artefact.output(validation), contract_frames.outputs(contract, validation)
    learnt = calibrate(contract, settings.get("evaluation") or {}, truth, output)
    artefact = calibrated(artefact, learnt, places.model_dir)
    metrics = reported(artefact, "train", rows, artefact.output(rows))
    metrics |= reported(artefact, "validation", validation, output)
    if across := (settings.get("training") or {}).get("cross_validation"):
        channels = [places.train, places.validation]
        every = read_channels(channels, contract)
        again = replace(recipe, hyperparameters={**recipe.hyperparameters, **fitted.chosen}, boosting=PLAIN)
        keys = read_keys(folds, channels, len(every))
        metrics |= cross_validate(again, Rows(every, keys), across["folds"], learnt.threshold)
    return metrics


def refit(recipe: Recipe, places: argparse.Namespace, settings: dict[str, Any]) -> dict[str, float]:
    """Fit the winner's recipe to the training and validation rows, and write its artefact. Returns its metrics."""
    learnt, chosen = read_selected(places.selected)
    recipe = replace(recipe, hyperparameters={**recipe.hyperparameters, **chosen})
    channels = [places.train, places.validation]
    rows = read_channels(channels, recipe.contract)
    announce("Refitting", recipe, rows)
    fitted = recipe.fit(Rows(rows, read_keys(settings.get("folds") or {}, channels, len(rows))))
    artefact = calibrated(stored(recipe, fitted, [rows], places.model_dir), learnt, places.model_dir)
    again, threshold = replace(recipe, boosting=PLAIN), learnt.threshold if learnt else None
    add_learning_curve(again, places.train, places.validation, settings, threshold, places.model_dir)
    return reported(artefact, "train", rows, artefact.output(rows))


def announce(doing: str, recipe: Recipe, rows: pd.DataFrame) -> None:
    """Print what is fitted to which rows, and whether another job with them gives the same model."""
    count = len(recipe.contract.input_columns)
    print(f"{doing} {recipe.algorithm} {recipe.hyperparameters} on {len(rows):,} rows, {count} features")
    print(reproducibility(recipe))


def stored(recipe: Recipe, fitted: Fitted, frames: Sequence[pd.DataFrame], folder: Path) -> Artefact:
    """Write the artefact to `folder`, compile it, and return it as a server loads it.

    The first of `frames` has the training rows. The compiled form is compared with the pipeline on the rows of all.
    """
    for name, why in fitted.left_out.items():
        print(f"Left out: {name} is {why} in the training rows")
    if selected := selected_features(fitted.pipeline, recipe.contract, fitted.left_out):
        print(selected.headline)
    naive = baseline(recipe.contract, contract_frames.outputs(recipe.contract, frames[0]))
    artefact = Artefact(fitted.pipeline, recipe.contract, naive)
    artefact.save(folder, code=Path(__file__).parent)
    early_stopping.write(folder, fitted.chosen)
    if selected:
        selected.write(folder)
    reason = compile_model(artefact, frames, folder)
    print(f"Not compiled: {reason}" if reason else f"Compiled, and compared on {sum(map(len, frames)):,} rows")
    return Artefact.load(folder)


def calibrated(artefact: Artefact, learnt: Calibration | None, folder: Path) -> Artefact:
    """Write the calibration beside the artefact in `folder`. Returns the artefact with it."""
    if learnt:
        calibration_file.write(folder, learnt)
        add_file(folder, calibration_file.FILE)
    return replace(artefact, calibration=learnt)


def reported(artefact: Artefact, channel: str, frame: pd.DataFrame, output: np.ndarray) -> dict[str, float]:
    """Print the metrics of the outputs for n rows of a channel, and return them."""
    truth = contract_frames.outputs(artefact.contract, frame)
    return report(artefact.contract, channel, truth, output, artefact.decide(output))


def baseline(contract: Contract, truth: np.ndarray) -> tuple[float, ...]:
    """Return the share of each class in the (n,) target, or its mean."""
    if contract.task == "regression":
        return (float(truth.mean()),)
    return tuple((np.bincount(truth, minlength=len(contract.classes)) / len(truth)).tolist())


if __name__ == "__main__":
    main()
