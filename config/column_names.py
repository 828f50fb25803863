"""What a column may be called: a name that is seen as it is, and that no table of the lifecycle uses for itself."""

RESERVED = frozenset(
    {"input_row", "line", "malformed", "prediction", "reasons", "row", "source_line", "text", "unread_cells"}
)
"""The columns that `ingest`, `validate` and `predict` add to a use case's own; a test compares them with those."""
RESERVED_PREFIX = "probability_"
LONGEST = 255
"""Characters, as a CloudWatch dimension's value may have."""


def name_problem(name: str) -> str | None:
    """Say what is wrong with the name of a column: `expected ..., found ...`; None where nothing is."""
    if name != name.strip() or not name or not name.isprintable() or len(name) > LONGEST:
        shown = repr(name if len(name) <= LONGEST else f"{name[:40]}...")
        return f"expected a name of 1 to {LONGEST} visible characters without blanks around it, found {shown}"
    if name in RESERVED or name.startswith(RESERVED_PREFIX):
        return f"expected a name that VishwaOps does not use itself, found {name!r}. Rename it: `header: {name}`"
    return None
