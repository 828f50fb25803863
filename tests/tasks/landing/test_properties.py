"""What a snapshot of the table says of the version that it is."""

from pyiceberg.table.snapshots import Snapshot

from tasks.landing.properties import VersionProperties

FULL = VersionProperties(
    digest="d1", source="rows.csv", rows=3, malformed=1, columns=("id", "age"), left_out=("Note, free",),
    position={"topic": {"0": 7}}, source_kind="kafka", run="r1", code="c1", parent="d0", corrections="2 cells",
)  # fmt: skip
LEAST = VersionProperties(digest="d1", source="rows.csv", rows=0, malformed=0, columns=())


def snapshot(properties: dict[str, str] | None) -> Snapshot:
    """A snapshot with these properties; None for one without a summary, as older tables have."""
    plain = {"snapshot-id": 1, "sequence-number": 1, "timestamp-ms": 1, "manifest-list": "s3://b/m.avro"}
    summary = None if properties is None else {"operation": "append", **properties}
    return Snapshot.model_validate({**plain, "summary": summary})


def test_properties_are_read_as_they_were_written() -> None:
    for properties in (FULL, LEAST):
        assert VersionProperties.of(snapshot(properties.written())) == properties


def test_properties_are_texts_with_our_prefix_and_none_is_empty() -> None:
    assert LEAST.written() == {
        "vishwaops.digest": "d1", "vishwaops.source": "rows.csv", "vishwaops.rows": "0", "vishwaops.malformed": "0",
        "vishwaops.columns": "[]", "vishwaops.columns-left-out": "[]",
    }  # fmt: skip


def test_a_position_at_the_beginning_is_a_position() -> None:
    first = VersionProperties(digest="d1", source="log", rows=0, malformed=0, columns=(), position={})
    found = VersionProperties.of(snapshot(first.written()))
    assert found is not None
    assert found.position == {}


def test_a_snapshot_of_another_engine_is_no_version() -> None:
    assert VersionProperties.of(snapshot({"digest": "d1", "other.digest": "d1"})) is None
    assert VersionProperties.of(snapshot(None)) is None
