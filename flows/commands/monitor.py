"""`vishwaops monitor`: watches the live traffic of an endpoint, and imports baselines of SageMaker Model Monitor."""

import argparse
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from config.use_case import load_use_case
from flows.commands.run import quieten_prefect
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile
from flows.session.prefect_server import start_prefect_server
from flows.session.signals import ending_on_signals

if TYPE_CHECKING:
    from tasks.references import MonitoringReport


def add_to(commands: Subcommands) -> None:
    """Add `monitor` and `monitor import-baseline`."""
    parser = add(commands, monitor)
    parser.add_argument("--use-case", metavar="NAME", help=USE_CASE)
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    parser.add_argument(
        "--since",
        type=_moment,
        metavar="TIME",
        help="the beginning of the span, such as 2026-01-31T08:00",
    )
    parser.add_argument("--until", type=_moment, metavar="TIME", help="its end; default: now")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    add_profile(parser)
    parser.set_defaults(check=_check_options)
    _add_import(parser.add_subparsers(metavar="[import-baseline]"))


def _add_import(actions: Subcommands) -> None:
    parser = add(actions, import_baseline)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument("--statistics", metavar="FILE", help="statistics.json of the data quality monitor")
    parser.add_argument(
        "--constraints",
        action="append",
        default=[],
        metavar="FILE",
        help="constraints.json of a monitor, or analysis.json of Clarify; may be repeated. A path or s3://",
    )
    parser.add_argument(
        "--write-profile",
        type=int,
        metavar="VERSION",
        help="compare the live traffic of this version of the model with the statistics",
    )
    add_profile(parser)
    parser.set_defaults(check=_check_import)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"expected a time such as 2026-01-31 or 2026-01-31T08:00+02:00, found {text!r}"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _check_options(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if not options.use_case:
        parser.error("the following arguments are required: --use-case")
    if options.since and options.since >= (options.until or datetime.now(UTC)):
        parser.error(f"--since: expected a time before {'--until' if options.until else 'now'}")


def _check_import(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if not options.statistics and not options.constraints:
        parser.error("expected --statistics or --constraints")
    if options.write_profile is not None and not options.statistics:
        parser.error("--write-profile needs --statistics")


def monitor(options: argparse.Namespace) -> None:
    """Compare an endpoint's live traffic with the model's training, and show its drift and quality."""
    load_use_case(options.use_case)  # invalid arguments are reported before anything starts
    quieten_prefect(options.verbose)
    server = start_prefect_server()
    with ending_on_signals():
        from prefect import tags

        from flows.commands import output
        from flows.monitoring import monitor as run
        from flows.session.runtime import cloud_that_stays, connect

        if not options.json:
            output.show_progress()
        with cloud_that_stays(), tags(options.use_case, options.profile):
            connect()
            server.wait()
            report = run(options.use_case, options.since, options.until)
    _show(report, as_json=options.json)
    if server.process and not options.json:
        _warn_of_own_server(report)
    if options.open:
        _open(report)


def _show(report: "MonitoringReport", *, as_json: bool) -> None:
    from flows.commands import monitoring_tables

    if as_json:
        print(report.model_dump_json(indent=2))
    else:
        monitoring_tables.show(report)


def _warn_of_own_server(report: "MonitoringReport") -> None:
    """A server that ends with this command has no automation, so that an event which asks for a retraining is lost."""
    from flows.commands.output import line
    from tasks.retraining.events import asks_for_retraining

    if asks_for_retraining(load_use_case(report.use_case), report):
        line(
            "retraining",
            "none starts: PREFECT_API_URL names no server that gets the event, such as vishwaops serve",
        )


def _open(report: "MonitoringReport") -> None:
    """Open the page in a browser. On AWS it is copied to a file first."""
    from flows.commands.output import errors
    from tasks import storage
    from tasks.pages.publishing import report_path

    path = Path(report.page) if report.page else report_path(report.use_case, "monitoring")
    if not report.page and report.page_uri:
        path.parent.mkdir(parents=True, exist_ok=True)
        storage.download(report.page_uri, path)
    try:
        opened = webbrowser.open(path.absolute().as_uri())
    except webbrowser.Error:
        opened = False
    if not opened:
        errors.print(f"No browser was found. The page: {path}", markup=False, soft_wrap=True)


def import_baseline(options: argparse.Namespace) -> None:
    """Map the checks of SageMaker Model Monitor and Clarify to the keys of a use case."""
    from flows.commands import baseline_tables
    from tasks.baselines import documents
    from tasks.baselines.checks import checks
    from tasks.baselines.statistics import profile_of

    case = load_use_case(options.use_case)
    with _connected(options):
        found = {location: checks(case, location, documents.read(location)) for location in options.constraints}
        given = options.statistics
        imported = profile_of(case, given, documents.read(given)) if given else None
        for location, mapped in found.items():
            baseline_tables.show_checks(location, mapped)
        if imported is None:
            return
        baseline_tables.show_profile(given, imported)
        if options.write_profile is not None:
            from tasks.traffic.reference import store_imported

            uri = store_imported(case, options.write_profile, imported.profile, given)
            baseline_tables.show_written(options.write_profile, uri)


@contextmanager
def _connected(options: argparse.Namespace) -> Iterator[None]:
    """Connect to the cloud for documents in S3, and to write the profile. The mapping alone needs none."""
    locations = [*options.constraints, *([options.statistics] if options.statistics else [])]
    if options.write_profile is None and not any(each.startswith("s3://") for each in locations):
        yield
        return
    from flows.session.runtime import begin, cloud_that_stays

    with cloud_that_stays():
        begin(options.use_case)
        yield
