from tasks.sources.kinesis_shards import Shard, ready

PLACE = {"sequence": "495", "arrived": "2026-11-26T10:00:00.000Z", "until": "2026-11-26T10:05:00.000Z"}


def test_the_place_in_a_shard_survives_json() -> None:
    for place in (PLACE, {"until": PLACE["until"]}, {**PLACE, "ended": True}):
        assert Shard.from_json("a", (), place).as_json() == place


def test_a_shard_is_ready_when_both_parents_have_ended_or_are_gone() -> None:
    first, second = Shard("first", ("expired",)), Shard("second", ())
    shards = {"first": first, "second": second, "child": Shard("child", ("first", "second"))}
    assert [shard.name for shard in ready(shards)] == ["first", "second"]
    first.ended = True
    assert [shard.name for shard in ready(shards)] == ["second"]
    second.ended = True
    assert [shard.name for shard in ready(shards)] == ["child"]
