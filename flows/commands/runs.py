"""`vishwaops runs`: lists, shows and compares the runs of a use case."""

import argparse
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from config.use_case import load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile
from flows.stages import ALL_NAMES, NAMES
from tasks.references import StageRecord

if TYPE_CHECKING:
    from rich.table import Table

SHOWN_RUNS = 20
LEFT_OUT = (
    "use_case", "uri", "table", "snapshot", "arn", "run_id", "job_name", "candidate", "split_digest", "dataset_digest",
)  # fmt: skip
"""The last words of figures' names that are neither data, parameters nor metrics, or that another stage shows."""
UNNAMED = ("metrics", "hyperparameters")
"""The keys that a label leaves out, because their parts have names."""
ENTRY_NAMES = ("candidate", "feature", "row")
"""The keys that name an entry of a list."""


def add_to(commands: Subcommands) -> None:
    """Add `runs list`, `runs show` and `runs compare`."""
    parser = commands.add_parser("runs", help="List, show or compare the runs of a use case.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listing = _add(actions, list_)
    listing.add_argument("--all", action="store_true", help=f"all runs, instead of the last {SHOWN_RUNS}")
    _add(actions, show).add_argument("run", metavar="RUN")
    comparing = _add(actions, compare)
    comparing.add_argument("runs", nargs=2, metavar="RUN")
    comparing.add_argument("--all", action="store_true", help="also figures that are equal")


def _add(actions: Subcommands, action: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
    parser = add(actions, action)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    add_profile(parser)
    return parser


def list_(options: argparse.Namespace) -> None:
    """List the runs, newest first, with the state and the completed stages of each."""
    from flows.commands.output import table
    from tasks import heartbeats, run_records

    name = _connected(options)
    listed = table("run", "flow", "state", "stages", "source", whole=("run",))
    runs = run_records.runs(name)
    shown = list(runs) if options.all else list(runs)[:SHOWN_RUNS]
    for run in shown:
        record = run_records.read_run(name, run)
        state = heartbeats.state(heartbeats.find_heartbeat(name, run))
        stages = _stages([stage for stage in ALL_NAMES if stage in runs[run]])
        listed.add_row(run, record.flow, state, stages, record.source)
    none = f"{name}: no run yet. Start one: vishwaops run lifecycle --use-case {options.use_case}"
    _print(listed if runs else none)
    if len(runs) > len(shown):
        _print(f"... and {len(runs) - len(shown):,} more; --all lists them")


def show(options: argparse.Namespace) -> None:
    """Show a run: its state, and for each stage the seconds, whether it was reused, and the figures of its output."""
    from flows.commands.output import table
    from tasks import heartbeats, run_records

    name = _connected(options)
    record = run_records.read_run(name, options.run)
    started = f"{record.started:%Y-%m-%d %H:%M} UTC"
    _print(f"run {record.run}: {record.flow} of {name}, from {record.source}, started {started}")
    heartbeat = heartbeats.find_heartbeat(name, options.run)
    reason = f": {heartbeat.reason}" if heartbeat and heartbeat.reason else ""
    _print(f"{heartbeats.state(heartbeat)}{reason}")
    stages = table("stage", "seconds", "", "output", right=("seconds",), whole=("stage",))
    for each in run_records.records_of(name, options.run, ALL_NAMES):
        stages.add_row(each.stage, f"{each.seconds:.1f}", "reused" if each.reused else "", each.reference.headline)
    _print(stages if stages.row_count else "no stage has ended")
    for stage, uri in record.inherited.items():
        _print(f"{stage} is from {uri}")


def compare(options: argparse.Namespace) -> None:
    """Show two runs side by side: data, parameters and metrics that differ."""
    from flows.commands.output import table
    from tasks import run_records

    name = _connected(options)
    first, second = (flat(run_records.records_of(name, _known(name, run), ALL_NAMES)) for run in options.runs)
    compared = table("", *options.runs, whole=("",))
    for label in dict.fromkeys([*first, *second]):
        one, other = first.get(label, "—"), second.get(label, "—")
        if options.all or one != other:
            compared.add_row(label, one, other)
    _print(compared if compared.row_count else "The two runs have equal figures.")


def _known(use_case: str, run: str) -> str:
    from tasks import run_records

    return run_records.read_run(use_case, run).run


def _connected(options: argparse.Namespace) -> str:
    """Connect to the cloud and return the use case's name."""
    from flows.session.runtime import cloud_that_stays, connect

    name = load_use_case(options.use_case).name
    with cloud_that_stays():
        connect()
    return name


def _stages(names: list[str]) -> str:
    """The stages that a run has ended, in few words: a lifecycle ends them in order."""
    if len(names) < 3 or tuple(names) != NAMES[: len(names)]:
        return ", ".join(names) or "none"
    return "all" if len(names) == len(NAMES) else f"{names[0]} to {names[-1]}"


def flat(records: Iterable[StageRecord]) -> dict[str, str]:
    """Return the figures of records as text, by `<stage> <name>`, without addresses and names of jobs.

    Entries of a list are named by their candidate, feature or number. Nested references are left out: they have their
    own records.
    """
    return {
        f"{record.stage} {label}": _text(value)
        for record in records
        for label, value in _flat(record.reference.model_dump(mode="json"), ())
        if not label.endswith(LEFT_OUT)
    }


def _flat(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, part in value.items():
            if not (isinstance(part, dict) and "use_case" in part):
                yield from _flat(part, path if name in UNNAMED and isinstance(part, dict) else (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _flat(part, (*path[:-1], _entry(part, path[-1], number)))
    elif value is not None:
        yield " ".join(path), value


def _entry(part: Any, name: str, number: int) -> str:
    named = [str(part[key]) for key in ENTRY_NAMES if key in part] if isinstance(part, dict) else []
    return named[0] if named else f"{name} {number + 1}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _print(what: "Table | str") -> None:
    from flows.commands.output import console

    console.print(what, markup=False, soft_wrap=isinstance(what, str))
