"""What `vishwaops data quarantine` prints."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from rich.text import Text

from config.use_case import UseCase
from flows.commands.data_tables import say
from flows.commands.output import console, table
from flows.commands.terminal import SHOWN_ROWS
from tasks.landing.replay import Replayed
from tasks.landing.versions import Version
from tasks.quarantine.fix import Fixed
from tasks.quarantine.rows import Quarantine, QuarantinedRow, ReasonCount
from tasks.quarantine.sheet import cell_texts
from tasks.rows.corrections import Correction

SHOWN_PLACES = 5
HIDDEN = "(hidden)"

__all__ = ["say"]


def show_reasons(quarantine: Quarantine, rows: int, reasons: Mapping[str, ReasonCount]) -> None:
    """Print the number of rows of each reason."""
    say(f"version {quarantine.dataset}: {rows:,} rows in quarantine")
    counted = table("rows", "first", "reason", right=("rows",), whole=("rows",))
    for reason, found in reasons.items():
        counted.add_row(f"{found.rows:,}", Text(found.first), Text(reason))
    if rows:
        console.print(counted, markup=False)


def show_waiting(quarantine: Quarantine, waiting: Sequence[Correction], latest: Version | None, given: str) -> None:
    """Print the fixes that wait for their release, and whether there is a version that is not validated."""
    if waiting:
        say(
            f"{len(waiting):,} corrected rows wait: {_places([each.shown_place for each in waiting])}. Release them: "
            f"vishwaops data quarantine release --use-case {given}"
        )
    if latest and latest.digest != quarantine.dataset:
        say(f"the current version is {latest.digest}. Validate it: vishwaops run validate --use-case {given}")


def show_rows(use_case: UseCase, rows: Iterable[QuarantinedRow]) -> None:
    """Print the first rows, each with its place, its cells and all its reasons. Sensitive values are hidden."""
    found = iter(rows)
    for row in islice(found, SHOWN_ROWS):
        console.print(Text(row.shown_place, style="bold"))
        console.print(Text(_cells(use_case, row)), overflow="fold")
        for reason in row.reasons:
            console.print(Text(f"    {reason}"), overflow="fold")
    if more := sum(1 for _ in found):
        say(f"... and {more:,} more rows. Write all of them to a file: --output rows.csv")


def _cells(use_case: UseCase, row: QuarantinedRow) -> str:
    """Return a row's cells in one text; of a malformed row its text, unless a column is sensitive."""
    secret = {name for name, column in use_case.columns.items() if column.sensitive}
    if row.malformed_text is not None:
        return HIDDEN if secret else row.malformed_text
    texts = cell_texts(use_case, row)
    return ", ".join(f"{name} {HIDDEN if name in secret else texts[name] or 'nothing'}" for name in texts)


def show_fixed(fixed: Fixed, given: str) -> None:
    """Print what a fix has stored."""
    unchanged = f", {fixed.unchanged:,} have these values already" if fixed.unchanged else ""
    say(f"{fixed.rows:,} rows are corrected{unchanged}; no version has changed yet")
    if fixed.changed_since:
        places = _places(fixed.changed_since)
        say(f"{len(fixed.changed_since):,} rows of the file are left out, because they have changed since: {places}")
    if fixed.rows:
        say(f"Make a new version with them: vishwaops data quarantine release --use-case {given}")


def show_released(replayed: Replayed, given: str) -> None:
    """Print the version of a release."""
    digest = replayed.version.digest
    if replayed.rows:
        say(f"version {digest} has {replayed.rows:,} corrected rows and is now the output of ingest")
        say(f"Validate it: vishwaops run validate --use-case {given}")
    else:
        say(f"no correction waits for a row of version {digest}: no new version")
    if replayed.unmatched:
        places = _places([each.shown_place for each in replayed.unmatched])
        say(f"{len(replayed.unmatched):,} corrections still wait, because their rows have changed: {places}")


def _places(places: Sequence[str]) -> str:
    more = f" and {len(places) - SHOWN_PLACES:,} more" if len(places) > SHOWN_PLACES else ""
    return "; ".join(places[:SHOWN_PLACES]) + more
