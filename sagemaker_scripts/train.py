"""Trains one candidate: a SageMaker training job in script mode.

Reads all Parquet files of the channels `train` and `validation`, and the contract. All hyperparameters except
`algorithm` are passed to the algorithm. Prints lines `train:<metric>=<value>;` and `validation:<metric>=<value>;` for
MetricDefinitions, and writes the same metrics to `metrics.json` of the job's output. SageMaker reads the lines from the
log, which can be late or incomplete.
"""

import argparse
import ast
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabular import contract_frames
from tabular.artefact import Artefact
from tabular.channels import read_channel
from tabular.compiled.compiler import compile_model
from tabular.contract import Contract
from tabular.features import unusable
from tabular.pipelines import build_pipeline
from tabular.training_report import report, write_metrics


def parse(arguments: Sequence[str] | None = None) -> tuple[argparse.Namespace, dict[str, Any]]:
    """Return the job's folders and the algorithm's hyperparameters."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--algorithm", required=True)
    parser.add_argument("--train", type=Path, default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--validation", type=Path, default=os.environ.get("SM_CHANNEL_VALIDATION"))
    parser.add_argument("--contract", type=Path, default=os.environ.get("SM_CHANNEL_CONTRACT"))
    parser.add_argument("--output-data-dir", type=Path, default=os.environ.get("SM_OUTPUT_DATA_DIR"))
    parser.add_argument("--model-dir", type=Path, default=os.environ.get("SM_MODEL_DIR"))
    parser.add_argument("--threads", type=int, default=int(os.environ.get("SM_NUM_CPUS", "1")))
    known, rest = parser.parse_known_args(arguments)
    names, values = rest[::2], rest[1::2]
    return known, {name.lstrip("-"): _value(value) for name, value in zip(names, values, strict=True)}


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def main() -> None:
    """Train, print the metrics, and write the artefact to the model folder."""
    places, hyperparameters = parse()
    contract = Contract.read(places.contract)
    train = read_channel(places.train, contract)
    validation = read_channel(places.validation, contract)
    names = [column.name for column in contract.input_columns]
    print(f"Training {places.algorithm} {hyperparameters} on {len(train):,} rows, {len(names)} features")

    left_out = unusable(contract_frames.values(contract, train), names)
    for name, why in left_out.items():
        print(f"Left out: {name} is {why} in the training rows")
    truth = contract_frames.outputs(contract, train)
    pipeline = build_pipeline(contract, places.algorithm, hyperparameters, places.threads, left_out)
    pipeline.fit(contract_frames.inputs(contract, train), truth)
    artefact = Artefact(pipeline, contract, baseline(contract, truth))
    artefact.save(places.model_dir, code=Path(__file__).parent)
    artefact = compiled(artefact, [train, validation], places.model_dir)

    metrics: dict[str, float] = {}
    for channel, frame in (("train", train), ("validation", validation)):
        metrics |= report(contract, channel, contract_frames.outputs(contract, frame), artefact.output(frame))
    write_metrics(places.output_data_dir, metrics)


def compiled(artefact: Artefact, frames: Sequence[pd.DataFrame], folder: Path) -> Artefact:
    """Compile an artefact beside its files in `folder`, and return it as a server loads it.

    The two forms are compared on the rows of `frames`, the training rows first.
    """
    reason = compile_model(artefact, frames, folder)
    print(f"Not compiled: {reason}" if reason else f"Compiled, and compared on {sum(map(len, frames)):,} rows")
    return Artefact.load(folder)


def baseline(contract: Contract, truth: np.ndarray) -> tuple[float, ...]:
    """Return the share of each class in the (n,) target, or its mean."""
    if contract.task == "regression":
        return (float(truth.mean()),)
    return tuple((np.bincount(truth, minlength=len(contract.classes)) / len(truth)).tolist())


if __name__ == "__main__":
    main()
