"""`vishwaops feedback`: takes ground truth, without a flow."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.errors import InvalidRows, SourceError
from config.use_case import load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile

STANDARD_INPUT, NAME = "-", "standard input"


def add_to(commands: Subcommands) -> None:
    """Add `feedback`."""
    parser = add(commands, feedback)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument(
        "--source",
        metavar="FILE|URL|-",
        help="a file; a folder or an s3:// prefix that ends with a slash, of which only new files are read; or - for "
        "JSON Lines on the standard input. By default the use case's inbox in S3",
    )
    add_profile(parser)


def feedback(options: argparse.Namespace) -> None:
    """Take ground truth: the true values of predictions, by inference id or by key."""
    from flows.commands import output, terminal
    from flows.session.runtime import begin, cloud_that_stays
    from tasks.ground_truth.arrivals import take

    load_use_case(options.use_case)  # an invalid argument is reported before anything starts
    output.show_progress()
    with _readable(options.source) as source, cloud_that_stays():
        taken = take(begin(options.use_case), source)
    given = options.source == STANDARD_INPUT
    terminal.show_ground_truth([each.model_copy(update={"source": NAME}) if given else each for each in taken])


@contextmanager
def _readable(source: str | None) -> Iterator[str | None]:
    """Yield the address to read: the standard input is copied to a temporary file."""
    if source != STANDARD_INPUT:
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="vishwaops-") as folder:
        path = Path(folder) / NAME
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        try:
            yield str(path)
        except (InvalidRows, SourceError) as error:
            raise type(error)(str(error).replace(str(path), NAME)) from error
