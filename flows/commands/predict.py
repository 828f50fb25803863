"""`vishwaops predict`: scores a file's rows, or records of the Feature Store, by the endpoint, without a flow."""

import argparse
from pathlib import Path

from config.errors import ConfigError
from config.use_case import load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile


def add_to(commands: Subcommands) -> None:
    """Add `predict`."""
    parser = add(commands, predict)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    rows = parser.add_mutually_exclusive_group(required=True)
    rows.add_argument("--input", metavar="PATH|URL", help="a file with the features")
    rows.add_argument("--key", action="append", metavar="KEY", help="a key of the Feature Store; may be repeated")
    parser.add_argument("--output", type=Path, metavar="PATH", help="write the predictions as CSV, instead of a table")
    add_profile(parser)


def predict(options: argparse.Namespace) -> None:
    """Score the rows of a file, or the records of keys, by the use case's endpoint and print the predictions."""
    from flows.commands import output, terminal
    from flows.session.runtime import begin, cloud_that_stays
    from tasks import run_records
    from tasks.predict import predict_file, predict_keys
    from tasks.references import Deployment
    from tasks.storage import get_parquet

    case = load_use_case(options.use_case)
    _require_folder(options.output)
    output.show_progress()
    with cloud_that_stays():
        begin(options.use_case)
        deployment = run_records.latest_of(case.name, "deploy", Deployment)
        if options.key:
            predictions = predict_keys.fn(case, deployment, options.key)
        else:
            predictions = predict_file.fn(case, deployment, options.input)
        terminal.show_predictions(predictions, get_parquet(predictions.uri), options.output)


def _require_folder(output: Path | None) -> None:
    """Refuse an output that can't be written before rows are scored. Raises ConfigError."""
    if output and output.is_dir():
        raise ConfigError(f"--output {output}: expected a file, found a folder. Name the file to write")
    if output and not output.parent.is_dir():
        raise ConfigError(f"--output {output}: expected the folder {output.parent}; found none. Create it first")
