"""`vishwaops contract`: a use case's schema as an Open Data Contract Standard contract, and back."""

import argparse
from pathlib import Path

from flows.commands.subcommand import USE_CASE, Subcommands, add


def add_to(commands: Subcommands) -> None:
    """Add `contract`."""
    parser = add(commands, contract)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    exporting = actions.add_parser("export", help="publish the schema as config/contracts/<use case>.yaml")
    exporting.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    exporting.add_argument("--output", type=Path, metavar="PATH", help="write the contract here, and publish nothing")
    exporting.add_argument("--breaking", action="store_true", help="accept breaking changes: a new first number")
    exporting.set_defaults(command=_export)
    importing = actions.add_parser(
        "import", help="replace the columns and the key in a use case's YAML by a contract's"
    )
    importing.add_argument("contract", type=Path, metavar="FILE", help="a contract of ODCS 3.0 or 3.1, as YAML")
    importing.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    importing.add_argument("--object", metavar="NAME", help="the object of the contract's schema, if it has several")
    importing.add_argument("--write", action="store_true", help="write the YAML; without it, only show the changes")
    importing.set_defaults(command=_import)


def contract(options: argparse.Namespace) -> None:
    """Convert between a use case's schema and a data contract (Open Data Contract Standard 3.1)."""


def _export(options: argparse.Namespace) -> None:
    from config.use_case import load_use_case
    from flows.commands.output import console
    from tasks.data_contracts.published import publish

    case = load_use_case(options.use_case)
    path, version, changes = publish(case, breaking=options.breaking, path=options.output)
    if changes and not changes.any:
        console.print(f"{path}: version {version} already has this schema", highlight=False)
        return
    for text in (*changes.breaking, *changes.compatible) if changes else ():
        console.print(f"  {text}", highlight=False, markup=False)
    console.print(f"{path}: version {version}, {len(case.columns)} columns", highlight=False)


def _import(options: argparse.Namespace) -> None:
    from flows.commands.output import console
    from tasks.data_contracts.importing import imported

    found = imported(options.contract, options.use_case, options.object)
    for line in found.difference:
        console.print(line, highlight=False, markup=False)
    if not found.difference:
        console.print(f"{found.path}: has these columns and this key already", highlight=False)
    elif options.write:
        found.path.write_text(found.text, encoding="utf-8")
        console.print(
            f"{found.path}: written. Check it: vishwaops check --use-case {options.use_case}", highlight=False
        )
    else:
        console.print("Nothing is written yet. To write it, add --write", highlight=False)
