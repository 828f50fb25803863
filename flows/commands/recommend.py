"""`vishwaops recommend`: ranks the items that one user may get by the endpoint's predictions."""

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from config.errors import ConfigError
from config.use_case import UseCase, load_use_case
from flows.commands.subcommand import USE_CASE, Subcommands, add, add_profile

if TYPE_CHECKING:
    from tasks.recommend import Recommendations, RecommendedItem


def add_to(commands: Subcommands) -> None:
    """Add `recommend`."""
    parser = add(commands, recommend)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument("--key", required=True, metavar="KEY", help="the user: a value of recommendation.user")
    parser.add_argument("--top", type=int, metavar="N", help="how many items; default: recommendation.top")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    add_profile(parser)


def recommend(options: argparse.Namespace) -> None:
    """Rank the items that a user may get, with intervals, by the use case's endpoint."""
    from flows.commands import output
    from flows.session.runtime import begin, cloud_that_stays
    from tasks import run_records
    from tasks.item_catalogue import rules_of
    from tasks.recommend import recommend as recommended
    from tasks.references import Deployment, ValidatedDataset

    case = load_use_case(options.use_case)
    rules_of(case)
    if options.top is not None and options.top < 1:
        raise ConfigError(f"--top: expected a number of at least 1, found {options.top}")
    if not options.json:
        output.show_progress()
    with cloud_that_stays():
        begin(options.use_case)
        deployment = run_records.latest_of(case.name, "deploy", Deployment)
        validated = run_records.latest_of(case.name, "validate", ValidatedDataset)
        found = recommended(case, deployment, validated, options.key, options.top)
    if options.json:
        print(json.dumps(asdict(found), indent=2))
    else:
        show(case, found)


def show(case: UseCase, found: "Recommendations") -> None:
    """Print the ranked items as a table, with the places that popularity and past means would give them."""
    from flows.commands.output import console, table

    rules = case.recommendation
    predicted = f"probability of {case.target.classes[-1]}" if case.target.classes else case.target.column
    interval = [f"{100 * found.coverage:g} % interval"] if found.coverage else []
    headings = ["place", rules.item if rules else "item", predicted, *interval, "by popularity", "by past mean"]
    ranked = table(*headings, right=[each for each in headings if each != (rules and rules.item)])
    for place, item in enumerate(found.items, 1):
        ranked.add_row(str(place), *_cells(item, has_interval=bool(interval)))
    console.print(ranked)
    for name, why in found.refused.items():
        console.print(f"not ranked: {name}: {why[0]}", markup=False, soft_wrap=True)


def _cells(item: "RecommendedItem", *, has_interval: bool) -> list[str]:
    bounds = "no bounds" if item.low is None else f"{item.low:.4g} to {item.high:.4g}"
    middle = [bounds] if has_interval else []
    return [item.item, f"{item.prediction:.4g}", *middle, str(item.by_popularity), str(item.by_item_mean)]
