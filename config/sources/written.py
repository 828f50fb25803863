"""The format of a source's files."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from config.documents import Document, Integer
from tabular.formats import Format, FormatError

NONE = "none"
FORMAT_KEYS = {
    "delimiter", "quote", "encoding", "decimal", "thousands", "missing", "skip_lines", "comment", "sheet", "member",
}  # fmt: skip
"""The keys that are also fields of `tabular.formats.Format`."""


class WrittenSource(Document):
    """The format of a source's files and of `--source` files. The defaults read common CSV. See the README."""

    delimiter: str | None = None
    """None: detected from the first rows."""
    quote: str | None = '"'
    """None (in YAML also `none`): quotes have no special meaning."""
    encoding: str = "utf-8"
    decimal: str = "."
    thousands: str | None = None
    header: Literal["none"] | tuple[str, ...] | None = None
    """For a file without a header: the names of its columns, or `none` for the schema's columns in order."""
    missing: tuple[str, ...] = ()
    """Texts that mean a missing value in every column."""
    skip_lines: Integer = 0
    """Lines before the header that are not part of the table."""
    comment: str | None = None
    """The text that a comment line begins with."""
    sheet: str | Annotated[Integer, Field(ge=1)] | None = None
    """The sheet of a workbook (Excel, OpenDocument): its name, or its number from 1. None: its only sheet."""
    member: str | None = None
    """The files of a zip archive to read: a name, or a pattern such as `2024/*.csv`. None: all of them."""

    @property
    def readable(self) -> bool:
        """Whether a run without `--source` has rows to read."""
        return True

    @field_validator("header", mode="before")
    @classmethod
    def _names_or_none(cls, value: Any) -> Any:
        named = isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)
        if value is None or value == NONE or named:
            return value
        raise ValueError(f"expected {NONE}, or a list of the columns' names; found {value!r}")

    @field_validator("quote", mode="before")
    @classmethod
    def _quote_or_none(cls, value: Any) -> Any:
        return None if value == NONE else value

    @model_validator(mode="after")
    def _parts_do_not_contradict(self) -> Self:
        try:
            self.format(())
        except FormatError as error:
            raise ValueError(str(error)) from error
        return self

    def format(self, schema: Sequence[str]) -> Format:
        """Return the format of the files. `schema` has the headers of the schema's columns, in order."""
        names = tuple(schema) or None if self.header == NONE else self.header
        return Format(names=names, **self.model_dump(include=FORMAT_KEYS))  # type: ignore[arg-type]
