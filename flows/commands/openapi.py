"""`vishwaops openapi`: the interface of a use case's model."""

import argparse
from pathlib import Path

from flows.commands.subcommand import USE_CASE, Subcommands, add


def add_to(commands: Subcommands) -> None:
    """Add `openapi`."""
    parser = add(commands, openapi)
    parser.add_argument("--use-case", required=True, metavar="NAME", help=USE_CASE)
    parser.add_argument(
        "--output", type=Path, metavar="PATH", help="write the description here, and not to the terminal"
    )


def openapi(options: argparse.Namespace) -> None:
    """Describe the requests and responses of a use case's model as OpenAPI 3.1, with examples."""
    import json

    from config.use_case import load_use_case
    from serving.openapi import description
    from tasks.model_contract import contract

    text = json.dumps(description(contract(load_use_case(options.use_case))), indent=2)
    if options.output:
        options.output.write_text(f"{text}\n", encoding="utf-8")
    else:
        print(text)
