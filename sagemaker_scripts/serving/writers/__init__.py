"""Writes predictions in the format of a response's media type."""

from collections.abc import Callable

from serving.media_types import ARROW_STREAM, CSV, JSON, JSON_LINES
from serving.predictions import Predictions
from serving.writers.arrow_answer import arrow_body
from serving.writers.csv_answer import csv_body
from serving.writers.json_answer import json_body, json_lines_body

WRITERS: dict[str, Callable[[Predictions], bytes]] = {
    JSON: json_body,
    CSV: csv_body,
    JSON_LINES: json_lines_body,
    ARROW_STREAM: arrow_body,
}
"""The writers, by media type."""
