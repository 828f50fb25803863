"""Builds one text for each row, column by column."""

from collections.abc import Mapping, Sequence


class RowTexts:
    """The texts of n rows: pieces that are equal in all rows, and pieces of each row."""

    def __init__(self) -> None:
        self._constants = [""]
        self._variables: list[Sequence[str]] = []

    def add(self, text: str) -> None:
        """Append a text to all rows."""
        self._constants[-1] += text

    def add_each(self, texts: Sequence[str]) -> None:
        """Append one of n texts to each row."""
        self._variables.append(texts)
        self._constants.append("")

    def joined(self, separator: str) -> str:
        """Return all rows as one text."""
        *inner, last = self._constants
        return "".join(self._pieces([*inner, last + separator])).removesuffix(separator)

    def rows(self) -> list[str]:
        """Return the text of each row."""
        pieces, width = self._pieces(self._constants), len(self._variables) + len(self._constants)
        return ["".join(pieces[place : place + width]) for place in range(0, len(pieces), width)]

    def _pieces(self, constants: Sequence[str]) -> list[str]:
        count = len(self._variables[0])
        width = len(self._variables) + len(constants)
        row = [""] * width
        row[::2] = constants
        pieces = row * count
        for number, texts in enumerate(self._variables):
            pieces[2 * number + 1 :: width] = texts
        return pieces


def in_order(rows: Sequence[str], numbers: Sequence[int], others: Mapping[int, str]) -> list[str]:
    """Return the texts of rows with these numbers, and those of the other rows, in the order of the numbers."""
    texts = {**dict(zip(numbers, rows, strict=True)), **others}
    return [texts[number] for number in sorted(texts)]
