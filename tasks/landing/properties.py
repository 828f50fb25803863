"""The properties of a snapshot that make it a dataset version."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pyiceberg.table.snapshots import Snapshot

PREFIX = "vishwaops."


@dataclass(frozen=True, kw_only=True)
class VersionProperties:
    """What a version is and where it comes from."""

    digest: str
    source: str
    """Without secrets."""
    rows: int
    """Of well-formed rows, in the whole version."""
    malformed: int
    columns: tuple[str, ...]
    """The version's columns, in order. The table may have more."""
    left_out: tuple[str, ...] = ()
    """The headers of the source's columns that the use case does not list."""
    position: Mapping[str, Any] | None = None
    """Where an incremental source was read up to."""
    source_kind: str = ""
    """The kind of source that the position is of."""
    run: str | None = None
    code: str = ""
    parent: str | None = None
    """The digest of the version before it."""
    corrections: str | None = None
    """What was corrected by a person, as the step that did it describes it."""
    forgotten: int = 0
    """The rows that `vishwaops forget` has removed from the version. `rows` and `malformed` do not count them."""
    left_digest: str | None = None
    """The digest of the rows that were left; None for an incremental source, or when no row was removed."""

    def written(self) -> dict[str, str]:
        """Return the properties as Iceberg stores them. Those without a value are left out."""
        values = {
            "digest": self.digest,
            "source": self.source,
            "rows": str(self.rows),
            "malformed": str(self.malformed),
            "columns": json.dumps(self.columns),
            "columns-left-out": json.dumps(self.left_out),
            "position": None if self.position is None else json.dumps(self.position),
            "source-kind": self.source_kind,
            "run": self.run,
            "code": self.code,
            "parent": self.parent,
            "corrections": self.corrections,
            "forgotten": str(self.forgotten) if self.forgotten else None,
            "left-digest": self.left_digest,
        }
        return {PREFIX + name: value for name, value in values.items() if value}

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self | None:
        """Read the properties of a snapshot; None for one that is no version, such as another engine's."""
        found = snapshot.summary.additional_properties if snapshot.summary else {}
        read = {name.removeprefix(PREFIX): value for name, value in found.items() if name.startswith(PREFIX)}
        if "digest" not in read:
            return None
        return cls(
            digest=read["digest"],
            source=read["source"],
            rows=int(read["rows"]),
            malformed=int(read["malformed"]),
            columns=tuple(json.loads(read["columns"])),
            left_out=tuple(json.loads(read.get("columns-left-out", "[]"))),
            position=json.loads(read["position"]) if "position" in read else None,
            source_kind=read.get("source-kind", ""),
            run=read.get("run"),
            code=read.get("code", ""),
            parent=read.get("parent"),
            corrections=read.get("corrections"),
            forgotten=int(read.get("forgotten", 0)),
            left_digest=read.get("left-digest"),
        )
