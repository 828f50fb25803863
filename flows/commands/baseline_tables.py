"""Tables of imported baselines."""

from collections import Counter
from collections.abc import Sequence

from flows.commands.output import console, line, table
from tasks.baselines.mapped import Mapped
from tasks.baselines.statistics import Imported


def show_checks(location: str, mapped: Sequence[Mapped]) -> None:
    """Print each check with the key of the use case that takes its place; what is not mapped comes last."""
    rows = table("check", "baseline", "use case", "key", "note")
    for each in sorted(mapped, key=lambda one: one.state == "not mapped"):
        rows.add_row(each.check, each.found, each.state, each.key, each.note)
    console.print(f"\n{location}", markup=False, soft_wrap=True)
    console.print(rows)
    counts = Counter(each.state for each in mapped)
    line("checks", ", ".join(f"{count} {state}" for state, count in counts.items()))


def show_profile(location: str, imported: Imported) -> None:
    """Print what the profile of the statistics has, and what it lacks."""
    console.print(f"\n{location}", markup=False, soft_wrap=True)
    line("profile", f"{imported.profile.rows:,} rows, {len(imported.profile.columns)} columns")
    for note in imported.notes:
        line("", note)


def show_written(version: int, uri: str) -> None:
    """Print where the profile is, and what it does."""
    line("written", uri)
    line(
        "",
        f"The next `vishwaops monitor` compares version {version} with it. Delete it to use the training rows again.",
    )
