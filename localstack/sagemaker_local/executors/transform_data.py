"""DataProcessing of a transform job: filters of input and output, and the join of the two.

Source: "Associate Prediction Results with Input Records" in AWS's developer guide; a CSV row is a JSON array.
"""

from __future__ import annotations

import csv
import io
import re
from functools import partial
from typing import Any

from sagemaker_local import strict_json
from sagemaker_local.executors.transform_capture import Stamp
from sagemaker_local.executors.transform_records import RecordError

_OUTPUT, _INPUT = "SageMakerOutput", "SageMakerInput"
_FIELD = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|((?!")[^,\r\n]*))(,|\Z)')
_RANGE = re.compile(r"(?P<parent>.*)\[\s*(?P<first>-?\d+)?\s*:\s*(?P<last>-?\d+)?\s*\]")


class JsonPath:
    """One of the JSONPath expressions that batch transform knows.

    Raises:
        RecordError: it is not one; with AWS's message.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._range = _RANGE.fullmatch(text)
        if not self._range and re.search(r"\[[^'\]]*:[^\]]*\]", text):
            given = text[text.rindex("[") :]
            raise RecordError(
                f"Invalid JsonPath: {text}: only single range filters of format (eg: [1:5]) are supported. "
                f"Format {given} is not supported"
            )
        self._parent = _parsed(self._range["parent"] if self._range else text)

    @property
    def is_all(self) -> bool:
        return self._text == "$"

    def select(self, value: Any) -> Any:
        """The selection: one value, or an array of several, or an object of several attributes.

        Raises:
            RecordError: nothing matches.
        """
        found = [match.value for match in self._parent.find(value)]
        if not found:
            raise RecordError(f"Invalid JsonPath: {self._text}: it selects nothing")
        if self._range:
            return self._sliced(found[0])
        last = getattr(self._parent, "right", None)
        names, indices = getattr(last, "fields", ()), getattr(last, "indices", ())
        if len(names) > 1:
            if len(found) < len(names):
                raise RecordError(f"Invalid JsonPath: {self._text}: an attribute is not there")
            return dict(zip(names, found, strict=False))
        if len(indices) > 1 and len(found) < len(indices):
            raise RecordError(f"Invalid JsonPath: {self._text}: an index is out of range")
        several = len(indices) > 1 or "*" in self._text
        return found if several else found[0]

    def _sliced(self, value: Any) -> list[Any]:
        """AWS's ranges include both ends: `$[1:4]` is the second to the fifth column."""
        if not isinstance(value, list) or self._range is None:
            raise RecordError(f"Invalid JsonPath: {self._text}: a range needs an array")
        first, last = int(self._range["first"] or 0), int(self._range["last"] or -1)
        first, last = (each + len(value) if each < 0 else each for each in (first, last))
        if not 0 <= first < len(value) or last >= len(value):
            raise RecordError(f"Invalid JsonPath: {self._text}: the array has {len(value)} elements")
        return value[first : last + 1]


class DataProcessing:
    """Filters records on the way to the model, and filters and joins its results.

    Args:
        config: InputFilter, OutputFilter and JoinSource.
        content_type: of the input.
        accept: of the output.
        stamp: values to append to each result, if any.

    Raises:
        RecordError: a filter is not a JSONPath.
    """

    def __init__(self, config: dict[str, str], content_type: str, accept: str, stamp: Stamp | None = None) -> None:
        self._input, self._output = JsonPath(config["InputFilter"]), JsonPath(config["OutputFilter"])
        self._joins = config["JoinSource"] == "Input"
        self._stamp = stamp
        self._csv_in, self._csv_out = content_type.startswith("text/csv"), accept.startswith("text/csv")

    def sent(self, record: bytes) -> bytes:
        """The part of a record that the model gets."""
        if self._input.is_all:
            return record
        return _written(self._input.select(_read(record, is_csv=self._csv_in)), is_csv=self._csv_in)

    def results(self, records: list[bytes], answer: bytes) -> list[bytes]:
        """The output records for the records of one request and its answer.

        Raises:
            RecordError: the answer does not have one result for each record.
        """
        if not self._joins and self._output.is_all and self._stamp is None:
            return [answer]
        parts = self._parts(answer, len(records))
        return [self._result(record, part) for record, part in zip(records, parts, strict=True)]

    def _parts(self, answer: bytes, count: int) -> list[bytes]:
        if count == 1 and not self._csv_out:
            return [answer]
        lines = [line.removesuffix(b"\r") for line in answer.split(b"\n") if line.strip()]
        if len(lines) != count:
            raise RecordError(f"The algorithm answered {count} records with {len(lines)} results; they can't be joined")
        return lines

    def _result(self, record: bytes, part: bytes) -> bytes:
        result = _read(part, is_csv=self._csv_out)
        if self._joins:
            result = _joined(_read(record, is_csv=self._csv_in), result, is_csv=self._csv_in)
        result = self._output.select(result)
        if self._stamp:
            result = self._stamp.on(result, is_csv=self._csv_out)
        return _written(result, is_csv=self._csv_out)


def _joined(record: Any, result: Any, *, is_csv: bool) -> Any:
    if is_csv:
        return [*record, *(result if isinstance(result, list) else [result])]
    if isinstance(record, dict):
        return {**record, _OUTPUT: result}
    return {_INPUT: record, _OUTPUT: result}


def _read(record: bytes, *, is_csv: bool) -> Any:
    try:
        if is_csv:
            return _csv_fields(record.decode())
        return strict_json.loads(record)
    except ValueError as error:
        raise RecordError(f"A record is not {'CSV' if is_csv else 'JSON'}: {error}") from error


def _csv_fields(record: str) -> list[str]:
    """The fields of one record, by RFC 4180. Python's `csv` has a field limit that holds for the whole process.

    Raises:
        ValueError: a quote is not closed, or text follows a closing quote.
    """
    fields, position = list[str](), 0
    while record:
        field = _FIELD.match(record, position)
        if field is None:
            raise ValueError(f"the quotes or line ends of field {len(fields) + 1} are wrong")
        quoted, plain, comma = field.groups()
        fields.append(plain if quoted is None else quoted.replace('""', '"'))
        if not comma:
            break
        position = field.end()
    return fields


def _written(value: Any, *, is_csv: bool) -> bytes:
    if not is_csv:
        return strict_json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    buffer = io.StringIO()
    text = partial(strict_json.dumps, separators=(",", ":"))
    row = value if isinstance(value, list) else [value]
    csv.writer(buffer, lineterminator="").writerow([each if isinstance(each, str) else text(each) for each in row])
    return buffer.getvalue().encode()


def _parsed(text: str) -> Any:
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.parser import parse

    if not text.startswith("$"):
        raise RecordError(f"Invalid JsonPath: {text}: it must begin with $")
    try:
        return parse(text.replace(".[", "["))
    except JSONPathError as error:
        raise RecordError(f"Invalid JsonPath: {text}: {error}") from None
