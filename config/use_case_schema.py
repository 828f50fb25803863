"""The JSON Schema of a use case's YAML, for editors: `python -m config.use_case_schema` writes it.

It is generated from the Pydantic models. It has the keys, their types and bounds. Rules over several keys are checked
only when the file is read.
"""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from config import settings
from config.use_case import UseCase

PATH = settings.CONFIG / "use_case.schema.json"
FIRST_LINE = "# yaml-language-server: $schema=../use_case.schema.json"
"""The first line of each file in config/use_cases/. It names the schema to editors."""


class _ForYaml(GenerateJsonSchema):
    """Allows YAML's unquoted dates, with or without a time, and leaves out titles, which would repeat the keys."""

    def datetime_schema(self, schema: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}"}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def use_case_schema() -> str:
    """Return the schema (JSON Schema 2020-12) as the text of its file."""
    content = {"$schema": _ForYaml.schema_dialect, **UseCase.model_json_schema(schema_generator=_ForYaml)}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(use_case_schema(), encoding="utf-8")
