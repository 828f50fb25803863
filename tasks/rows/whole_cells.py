"""Finds a value in the text of a malformed row, where it is a whole cell of CSV or a whole value of JSON."""

import json
import re

BEFORE, AFTER = r'(^|[,;\t|:\[{"\s])', r'($|[,;\t|\]}"\s])'


def whole_cell(value: str) -> str:
    """Return the pattern of a value (RE2): as it is, as in quotes of CSV, and as JSON escapes it."""
    forms = (value, value.replace('"', '""'), json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    return f"{BEFORE}({'|'.join(re.escape(form) for form in dict.fromkeys(forms))}){AFTER}"
