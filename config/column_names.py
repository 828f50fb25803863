"""Valid column names: visible characters only, and no name that VishwaOps uses in its own tables."""

RESERVED = frozenset(
    {
        "inference_id", "inference_row", "input_row", "line", "malformed", "prediction", "reasons", "row",
        "source_file", "source_line", "text", "unread_cells",
    }
)  # fmt: skip
"""The columns that `ingest`, `validate` and `predict` add to a use case's columns. A test compares the two."""
RESERVED_IN_REQUESTS = frozenset({"event_id", "time"})
"""The other columns that `monitor` adds to those of a request."""
RESERVED_PREFIX = "probability_"
LONGEST = 255
"""Characters: the limit of a CloudWatch dimension's value."""


def name_problem(name: str) -> str | None:
    """Return what is wrong with the name of a column, as `expected ..., found ...`; None for a valid name."""
    if name != name.strip() or not name or not name.isprintable() or len(name) > LONGEST:
        shown = repr(name if len(name) <= LONGEST else f"{name[:40]}...")
        return f"expected a name of 1 to {LONGEST} visible characters without blanks around it, found {shown}"
    if name in RESERVED or name.startswith(RESERVED_PREFIX):
        return f"expected a name that VishwaOps does not use itself, found {name!r}. Rename it: `header: {name}`"
    return None
