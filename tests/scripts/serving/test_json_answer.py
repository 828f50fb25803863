"""The JSON of few rows, written row by row, and of many, written column by column."""

import json

import numpy as np
import pytest

from serving.predictions import Predictions
from serving.writers.json_answer import FEW, json_body

CLASSES = ("100 %", 'with "quotes" and {braces}', "é%s")


@pytest.mark.parametrize("classes", [CLASSES, CLASSES[:2], ()])
def test_few_rows_have_the_text_that_they_have_among_many(classes: tuple[str, ...]) -> None:
    output = np.random.default_rng(4).random((3 * FEW, len(classes)) if classes else 3 * FEW)
    output[0] = output[1] = 1e-7  # a draw, and the form of small numbers
    many = json_body(Predictions(len(output), classes, output)).decode()
    rows = [json_body(Predictions(1, classes, row)).decode() for row in np.split(output, len(output))]
    beginning, end = '{"predictions": [', "]}"
    inner = [row.removeprefix(beginning).removesuffix(end) for row in rows]
    assert many == f"{beginning}{', '.join(inner)}{end}"
    assert json.loads(rows[1])["predictions"][0]["prediction"] == (classes[0] if classes else 1e-7)
