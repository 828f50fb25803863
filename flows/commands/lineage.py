"""`vishwaops lineage`: walks from a prediction, a version or a run back to the digest of the raw rows."""

import argparse
import json
from typing import TYPE_CHECKING

from config.errors import ConfigError
from config.use_case import UseCase, load_use_case
from flows.commands.subcommand import Subcommands, add, add_profile
from flows.commands.versions import add_version, package_of, use_case_of

if TYPE_CHECKING:
    from rich.tree import Tree

    from tasks.lineage.link import Link

STYLES = {
    "verified": "green", "found": "dim", "elsewhere": "dim", "reduced": "yellow", "missing": "red", "differs": "red",
}  # fmt: skip


def add_to(commands: Subcommands) -> None:
    """Add `lineage`."""
    parser = add(commands, lineage)
    parser.add_argument("--prediction", metavar="ID", help="<use case>/<predictions>/<row>, as `predict` prints it")
    parser.add_argument("--run", metavar="RUN", help="a run of --use-case")
    add_version(parser)
    parser.add_argument("--verify", action="store_true", help="compute every digest again: of rows, archives and code")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a tree")
    add_profile(parser)


def lineage(options: argparse.Namespace) -> int:
    """Show what a prediction, a version or a run was made from, back to the digest of the raw rows.

    Exits with 1 when a part is missing, or differs from its record.
    """
    from flows.commands.output import console
    from flows.session.runtime import begin, cloud_that_stays

    case = _use_case(options)  # invalid arguments are reported before anything starts
    with cloud_that_stays():
        begin(options.use_case or case.name)
        found = _walked(case, options)
    if options.json:
        print(json.dumps({**found.as_json(), "complete": not found.broken}, indent=2))
    else:
        console.print(_tree(found))
        console.print(_verdict(found), markup=False, soft_wrap=True)
    return 1 if found.broken else 0


def _use_case(options: argparse.Namespace) -> UseCase:
    named = [each for each in ("prediction", "model", "version", "run") if getattr(options, each)]
    if len(named) != 1:
        raise ConfigError(
            "expected one of --prediction ID, --model ARN, --use-case NAME with --version N or --run RUN; found "
            f"{', '.join(f'--{each}' for each in named) or 'none'}"
        )
    if options.prediction and not options.use_case:
        from tasks.lineage.predictions import PredictionId

        return load_use_case(PredictionId.parse(options.prediction).use_case)
    return use_case_of(options)


def _walked(case: UseCase, options: argparse.Namespace) -> "Link":
    from tasks.lineage import walk
    from tasks.lineage.predictions import PredictionId

    if options.prediction:
        wanted = PredictionId.parse(options.prediction)
        if wanted.use_case != case.name:
            raise ConfigError(f"--prediction: expected a prediction of {case.name}, found one of {wanted.use_case}")
        return walk.of_prediction(case, wanted, options.verify)
    if options.run:
        return walk.of_run(case, options.run, options.verify)
    return walk.of_version(case, package_of(case, options), options.verify)


def _tree(link: "Link") -> "Tree":
    from rich.text import Text
    from rich.tree import Tree

    detail = f" ({link.detail})" if link.detail else ""
    label = Text.assemble(
        (f"{link.what} ", "bold"), link.name, detail, (f" {link.state}", STYLES[link.state]), overflow="fold"
    )
    tree = Tree(label)
    for source in link.sources:
        tree.children.append(_tree(source))
    return tree


def _verdict(link: "Link") -> str:
    every = list(link.all())
    verified = sum(each.state == "verified" for each in every)
    if link.broken:
        named = "; ".join(f"{each.what} {each.name}: {each.state}" for each in link.broken)
        return f"{len(link.broken)} of {len(every)} parts are missing or differ: {named}"
    return f"complete: {len(every)} parts, {verified} verified"
