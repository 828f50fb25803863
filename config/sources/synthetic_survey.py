"""A synthetic survey."""

from typing import Literal

from pydantic import Field

from config.documents import Integer
from config.sources.written import WrittenSource
from config.splits import Seed


class SurveySource(WrittenSource):
    """A synthetic survey. Equal seeds give equal rows."""

    kind: Literal["synthetic_survey"]
    respondents: Integer = Field(ge=1, le=1_000_000)
    seed: Seed
