"""What steps of several kinds have in common: which columns they read, and which ones of the matrix they write."""


class ReadsColumn:
    """A step that reads one column."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return (self.column,)


class WritesRange:
    """A step that writes `width` columns of the matrix, from `place` on."""

    place: int
    width: int

    @property
    def places(self) -> tuple[int, ...]:
        """The columns of the matrix that the step writes."""
        return tuple(range(self.place, self.place + self.width))
