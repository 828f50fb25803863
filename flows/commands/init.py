"""`vishwaops init`: writes the first use case of a file, and its suite."""

import argparse
import os
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from config import settings
from config.errors import ConfigError
from config.use_case import NAME, UseCase, load_use_case, refuse_overlapping_names
from config.variables import without_secrets
from flows.commands.subcommand import Subcommands, add

if TYPE_CHECKING:
    from rich.table import Table

    from tasks.first_use_case.draft import Draft

EDITOR_SCHEMA = "# yaml-language-server: $schema=../use_case.schema.json\n"
"""The first line of the files in config/use_cases/, for editors."""
TASKS = ("binary", "multiclass", "regression")
MOST_NAMES = 6
"""The most keys that share a row of the table."""


def add_to(commands: Subcommands) -> None:
    """Add `init`."""
    parser = add(commands, init)
    parser.add_argument("data", metavar="PATH|URL", help="the file with the rows")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="the column to predict")
    parser.add_argument("--task", choices=TASKS, help="instead of the guess from the target's values")
    parser.add_argument("--name", metavar="NAME", help="of the use case; the default is the file's name")
    parser.add_argument("--output", type=Path, metavar="PATH", help="instead of config/use_cases/NAME.yaml")
    parser.add_argument("--force", action="store_true", help="overwrite an existing use case and its suite")


def init(options: argparse.Namespace) -> None:
    """Write the first use case of a file. Every guess in it has its reason as a comment."""
    from tasks.first_use_case.draft import first_use_case

    name, output = _name_and_output(options)
    suite = settings.EXPECTATIONS / f"{name}.json"
    _refuse_existing([output, suite], options.force)
    address = str(Path(options.data).resolve()) if Path(options.data).exists() else options.data
    if without_secrets(address) != address:
        raise ConfigError("init: expected an address without a password or a query. Download the file first")
    draft = first_use_case(name, address, options.target, options.task)
    _write(output, draft)
    _show(draft, output, _saved_suite(load_use_case(str(output)), suite))


def _name_and_output(options: argparse.Namespace) -> tuple[str, Path]:
    """Return the use case's name and the path of its YAML. Raises ConfigError when one of them can't be used."""
    from tasks.first_use_case.naming import name_of

    name = options.name or name_of(str(options.output or options.data))
    output: Path = options.output or settings.USE_CASES / f"{name}.yaml"
    if output.suffix not in (".yaml", ".yml") or not output.parent.is_dir():
        raise ConfigError(f"--output {output}: expected a .yaml file in an existing folder")
    if _ships(output) and output.stem != name:
        raise ConfigError(f"--output {output}: expected the file {name}.yaml for the use case {name!r}")
    if not re.fullmatch(NAME, name):
        raise ConfigError(f"--name: expected 3 to 24 lower-case letters, digits and _, such as my_rows; found {name!r}")
    refuse_overlapping_names(output, name)
    return name, output


def _ships(output: Path) -> bool:
    return output.resolve().parent == settings.USE_CASES.resolve()


def _refuse_existing(paths: list[Path], force: bool) -> None:
    if not force and (there := [path for path in paths if path.exists()]):
        raise ConfigError(f"{there[0]}: expected no such file, found one. Choose another --name, or add --force")


def _write(output: Path, draft: "Draft") -> None:
    """Replace the file in one step, so that an interruption leaves no half of it."""
    part = output.with_name(f".{output.name}.{os.getpid()}")
    part.write_text((EDITOR_SCHEMA if _ships(output) else "") + draft.text, encoding="utf-8")
    part.replace(output)
    load_use_case.cache_clear()


def _saved_suite(use_case: UseCase, path: Path) -> Path:
    from tasks.rows.suites import save_suite

    path.unlink(missing_ok=True)
    return save_suite(use_case)


def _show(draft: "Draft", output: Path, suite: Path) -> None:
    """Print what was read and written, what to check, and the next command."""
    from flows.commands.output import console
    from flows.commands.terminal import from_here

    case, kinds = draft.use_case, Counter(guess.type for guess in draft.guesses)
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    known = case.name if _ships(output) else from_here(output)
    lines = {
        "read": f"{draft.read}: {len(draft.guesses)} columns, {counted}",
        "target": f"{case.target.column}: {case.target.task}; {len(case.features)} features",
        "wrote": f"{from_here(output)}, {from_here(suite)}",
        "next": f"read the comments in it, then: vishwaops check --use-case {known}",
    }
    for label, text in lines.items():
        if label == "wrote":
            console.print(_table(draft), markup=False)
        console.print(f"{label:<10}{text}", markup=False, soft_wrap=True)


def _table(draft: "Draft") -> "Table":
    """Return what to check, with the keys of equal reasons in one row."""
    from flows.commands.output import table

    guesses = table("check", "guess")
    found: dict[str, list[str]] = defaultdict(list)
    for key, why in draft.to_check:
        found[why].append(key.removeprefix("columns."))
    for why, keys in found.items():
        more = [f"and {len(keys) - MOST_NAMES} more"] if len(keys) > MOST_NAMES else []
        guesses.add_row(", ".join([*keys[:MOST_NAMES], *more]), why)
    return guesses
