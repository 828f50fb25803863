"""The quality gate of a batch of rows."""

from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from config.documents import Document, Integer, Number

Severity = Literal["warn", "quarantine", "stop"]
"""What a failed check leads to: a warning in the report, the quarantine of its rows, or a stop of the batch."""


class RowRule(Document):
    """A rule that is true for each good row: an expression (`tabular.expressions`) over one column or several."""

    rule: str
    """The expression. A row passes when it is true or null."""
    severity: Severity = "quarantine"
    description: str | None = None
    """What is expected, for the reasons of bad rows. The default is the expression."""


class Reference(Document):
    """Values that must exist elsewhere: in the latest dataset version of another use case, or in a file."""

    columns: tuple[str, ...] = Field(min_length=1)
    """The columns of this use case. A row with a missing value among them passes."""
    use_case: str | None = None
    """The other use case: its latest version has the values."""
    file: str | None = None
    """The path or address of a file with the values, with a header."""
    other_columns: tuple[str, ...] = ()
    """The columns there, in the same order. The default is the same names."""
    severity: Severity = "quarantine"

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.use_case is None) == (self.file is None):
            found = "both" if self.use_case else "neither"
            raise ValueError(f"expected use_case or file, one of them; found {found}")
        if self.other_columns and len(self.other_columns) != len(self.columns):
            raise ValueError(
                f"expected {len(self.columns)} other_columns, as many as columns; found {len(self.other_columns)}"
            )
        return self

    @property
    def place(self) -> str:
        """Where the values must exist, as text."""
        return f"use case {self.use_case}" if self.use_case else str(self.file)


class Freshness(Document):
    """The greatest age of the newest row, by a date column."""

    column: str
    """A column of type date or datetime."""
    within_days: Number = Field(gt=0)
    against: Literal["now", "ingested"] = "now"
    """The age is counted from now, or from the time at which the version was ingested."""
    severity: Literal["warn", "stop"] = "stop"


class Volume(Document):
    """The number of rows, compared with the median of earlier versions. The first version passes."""

    versions: Integer = Field(default=5, ge=1, le=25)
    """The number of earlier validated versions, the latest ones."""
    at_least: Number = Field(default=0.5, ge=0)
    """The least number of rows, as a share of the median."""
    at_most: Number = Field(default=2.0, gt=0)
    """The greatest number of rows, as a multiple of the median."""
    severity: Literal["warn", "stop"] = "warn"


class DuplicateRows(Document):
    """Rows that equal an earlier row."""

    action: Literal["keep", "drop", "quarantine"] = "keep"
    """`keep` counts them, `drop` leaves them out, `quarantine` sets them apart with the number of the earlier row."""
    columns: tuple[str, ...] = ()
    """The columns that are compared. The default is all columns."""


class Quality(Document):
    """The quality gate. The flow stops when a batch of rows does not pass it."""

    minimum_rows: Integer = Field(ge=1)
    maximum_quarantined_share: Number = Field(ge=0, le=1)
    rows: tuple[RowRule, ...] = ()
    """Rules of one row."""
    references: tuple[Reference, ...] = ()
    """Values that must exist in another table."""
    freshness: Freshness | None = None
    volume: Volume | None = None
    duplicates: DuplicateRows = DuplicateRows()

    @field_validator("duplicates", mode="before")
    @classmethod
    def _action_alone(cls, value: Any) -> Any:
        return {"action": value} if isinstance(value, str) else value

    def described(self) -> dict[str, Any]:
        """Return the settings as JSON, without those that are not set: so older digests stay."""
        return self.model_dump(mode="json", exclude_defaults=True)
