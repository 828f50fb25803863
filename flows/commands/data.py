"""`vishwaops data`: lists, shows, compares, tags, writes and deletes the versions of a use case's dataset."""

import argparse
from collections.abc import Callable
from pathlib import Path

from config.use_case import UseCase, load_use_case
from flows.commands import data_quarantine
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile

VERSION = "a digest or its beginning, a tag, or `latest`"


def add_to(commands: Subcommands) -> None:
    """Add `data log`, `show`, `diff`, `checkout`, `tag`, `gc` and `quarantine`."""
    parser = commands.add_parser("data", help="List, show, compare, tag, write or delete versions of a dataset.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    _add(actions, log_)
    _add(actions, show).add_argument("version", nargs="?", default="latest", metavar="VERSION", help=VERSION)
    comparing = _add(actions, diff)
    comparing.add_argument("before", metavar="BEFORE", help=VERSION)
    comparing.add_argument("after", nargs="?", default="latest", metavar="AFTER", help=VERSION)
    writing = _add(actions, checkout)
    writing.add_argument("version", metavar="VERSION", help=VERSION)
    writing.add_argument("--to", type=Path, metavar="FILE", help="write the rows to this .parquet or .csv file instead")
    naming = _add(actions, tag)
    naming.add_argument("name", metavar="NAME")
    naming.add_argument("version", nargs="?", default="latest", metavar="VERSION", help=VERSION)
    naming.add_argument("--move", action="store_true", help="also if another version has the name")
    cleaning = _add(actions, gc)
    cleaning.add_argument("--keep", type=_count, metavar="N", help="the number of newest versions that stay")
    cleaning.add_argument("--delete", action="store_true", help="delete; without it, only list what can be deleted")
    data_quarantine.add_to(actions)


def _add(actions: Subcommands, action: Callable[[argparse.Namespace], int | None]) -> argparse.ArgumentParser:
    parser = add(actions, action)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    add_profile(parser)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number of versions, 1 or more; found {text!r}")
    return int(text)


def log_(options: argparse.Namespace) -> None:
    """List the versions, newest first: digest, tags, rows, time, run, parent and source."""
    from flows.commands import data_tables
    from tasks.landing.versions import versions

    case = _connected(options)
    data_tables.show_log(case.name, versions(case.name), options.use_case)


def show(options: argparse.Namespace) -> None:
    """Show a version's columns: nulls, distinct values, range and a histogram. Also writes a page of them."""
    from config.profile import active_profile
    from flows.commands import data_tables
    from tasks.landing import reading, versions
    from tasks.landing.statistics import statistics
    from tasks.pages.data import write_data_page

    case = _connected(options)
    version = versions.find(case.name, options.version)
    with reading.opened(versions.reference(case.name, version)) as rows:
        files = rows.download()
        size, columns = sum(path.stat().st_size for path in files), statistics(case, files)
    data_tables.show_version(version, size, columns)
    page = write_data_page(case, version, size, columns, offline=active_profile().offline)
    data_tables.say(f"page: {page.path or page.uri}")


def diff(options: argparse.Namespace) -> None:
    """Compare two versions: columns, rows by key, and the figures of columns."""
    from flows.commands import data_tables
    from tasks.landing import reading, versions
    from tasks.landing.comparison import compare

    case = _connected(options)
    before, after = (versions.find(case.name, name) for name in (options.before, options.after))
    with (
        reading.downloaded(versions.reference(case.name, before)) as old,
        reading.downloaded(versions.reference(case.name, after)) as new,
    ):
        data_tables.show_comparison(before, after, compare(case, old, new))


def checkout(options: argparse.Namespace) -> None:
    """Make a version the one that the next `run validate` reads, or write its rows to a file."""
    from flows.checkout import use_version
    from flows.commands import data_tables
    from tasks.landing import versions
    from tasks.landing.export import check_path, export

    if options.to:
        check_path(options.to)
    case = _connected(options)
    dataset = versions.reference(case.name, versions.find(case.name, options.version))
    if options.to:
        data_tables.say(f"{export(case, dataset, options.to):,} rows of version {dataset.digest} in {options.to}")
    else:
        run = use_version(case, dataset)
        data_tables.say(
            f"run {run}: version {dataset.digest} is now the output of ingest. Validate it: vishwaops run validate "
            f"--use-case {options.use_case}"
        )


def tag(options: argparse.Namespace) -> None:
    """Give a version a name, by which it is found and which keeps it."""
    from flows.commands import data_tables
    from tasks.landing import versions

    case = _connected(options)
    version = versions.find(case.name, options.version)
    versions.tag(case.name, options.name, version, move=options.move)
    data_tables.say(f"{case.name}: {options.name} is version {version.digest}")


def gc(options: argparse.Namespace) -> None:
    """List versions and files that are no longer needed, or delete them."""
    from flows.commands import data_tables
    from tasks import audit
    from tasks.champion import read
    from tasks.landing import gc as collector

    case = _connected(options)
    champion = read(case)
    protected = [champion.split.dataset_digest] if champion else []
    garbage = collector.find_garbage(case.name, protected, options.keep or collector.KEPT_VERSIONS)
    if options.delete:
        collector.delete(case.name, garbage)
        versions = ", ".join(each.digest for each in garbage.versions)
        audit.append(case, "gc", {"dataset_digests": versions, "files": str(len(garbage.files))})
    data_tables.show_garbage(garbage, deleted=options.delete)


def _connected(options: argparse.Namespace) -> UseCase:
    """Connect to the cloud and return the use case."""
    from flows.session.runtime import begin, cloud_that_stays

    load_use_case(options.use_case)  # invalid arguments are reported before anything starts
    with cloud_that_stays():
        return begin(options.use_case)
