"""The columns that steps read and write."""

from dataclasses import dataclass

from tabular.compiled.step_shapes import ReadsColumn, WritesRange


@dataclass
class Scaled(ReadsColumn, WritesRange):
    column: str = "age"
    place: int = 3
    width: int = 2


def test_a_step_names_the_column_that_it_reads_and_the_places_that_it_writes() -> None:
    assert (Scaled().columns, Scaled().places) == (("age",), (3, 4))
