"""One thing in a lineage: what it is, whether it was verified, and what it was made from."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["verified", "found", "elsewhere", "reduced", "missing", "differs"]
"""`verified`: its digest or signature was computed again and is the recorded one. `found`: it is there. `elsewhere`: it
is in the environment that the version was promoted from. `reduced`: rows were removed by request (`vishwaops forget`),
and the rows that are left are those that it has recorded. `missing`: it is not there. `differs`: its content is another
one than the record says. A source and the run that read it are only named by the record, and so `found`."""
BROKEN: tuple[State, ...] = ("missing", "differs")


@dataclass(frozen=True)
class Link:
    """One thing, and what it was made from."""

    what: str
    """Its kind, such as `training job`."""
    name: str
    """Its ARN, address, digest or number."""
    state: State = "found"
    detail: str = ""
    """Its main figures; of a thing that is missing or differs, what is expected."""
    sources: tuple["Link", ...] = ()

    def all(self) -> Iterator["Link"]:
        """Yield this and everything that it was made from."""
        yield self
        for source in self.sources:
            yield from source.all()

    @property
    def broken(self) -> list["Link"]:
        """What is missing or differs."""
        return [link for link in self.all() if link.state in BROKEN]

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON value."""
        return asdict(self)
