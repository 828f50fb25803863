"""Files and jobs that the tests of Spark's tasks are built from. The tasks run in this process, one after another."""

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import TypeVar

import pyarrow as pa

from tabular.formats import USUAL, Format
from tabular.spark.ingest_job import IngestJob, PartSettings
from tasks.model_contract import columns, with_marks
from tasks.rows.intake import NOT_DIGESTED
from tasks.rows.typed_rows import stored_schema
from tests.use_cases import small_use_case

Item = TypeVar("Item")
Result = TypeVar("Result")
CASE = small_use_case()
COLOURS = ("red", "green", "", '"red"', '"a\nb"', '"say ""hi"""', '"x,y"', '"\n\n"')
BROKEN = ("1,2", '5" pipe,1,2,3,4', '"open,1,2,3,4', 'a"b"c,1,red,here,no', "", '"x" y,1,red,here,no', "1,2,3,4,5,6")


def in_order(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Runs tasks one after another."""
    return [function(item) for item in items]


def file_of(seed: int, rows: int, broken: float) -> str:
    """A file with quotes, line ends in cells and cells that do not fit; a share of the lines is malformed."""
    random, lines = Random(seed), ["id,age,colour,origin,passed,more"]  # noqa: S311
    for number in range(rows):
        age = random.choice(["old", "", "20.0", "99"]) if random.random() < 0.05 else str(random.randint(10, 30))
        row = f"{number},{age},{random.choice(COLOURS)},{random.choice(['here', 'there'])},yes,-"
        lines.append(random.choice(BROKEN) if random.random() < broken else row)
        if random.random() < 0.01:
            lines.append(row)
    return "\n".join(lines) + random.choice(["\n", ""])


def job_of(path: Path, range_bytes: int, format: Format = USUAL) -> IngestJob:
    """The ingest of a local file."""
    plain = pa.schema([pa.field(field.name, field.type) for field in stored_schema(CASE)])
    known, parts = with_marks(columns(CASE), format), PartSettings(64, 2, "zstd")
    folder = str(path.parent / "parts")
    return IngestJob(str(path), format, known, CASE.headers, plain, NOT_DIGESTED, folder, range_bytes, parts)
