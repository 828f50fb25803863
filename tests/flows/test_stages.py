"""The table of stages: every other part of the project reads it."""

import grimp
import pytest

from config.errors import ConfigError
from flows.stages import NAMES, STAGES, inputs_of, stage_named
from tasks.references import DataSplit, ModelEvaluation, TrainedModels


def test_every_stage_takes_what_a_stage_before_it_leaves() -> None:
    for number, stage in enumerate(STAGES):
        left = {before.leaves for before in STAGES[:number]}
        assert set(stage.takes.values()) <= left, stage.name


def test_no_two_stages_have_a_name_or_leave_a_kind_in_common() -> None:
    assert len(set(NAMES)) == len({stage.leaves for stage in STAGES}) == len(STAGES)


def test_a_stage_says_by_its_annotations_what_it_takes_and_leaves() -> None:
    register = stage_named("register")
    assert register.takes == {"parts": DataSplit, "models": TrainedModels, "evaluation": ModelEvaluation}
    assert [stage.name for stage in inputs_of(register)] == ["split", "train", "evaluate"]
    assert inputs_of(stage_named("ingest")) == ()


def test_a_stage_can_read_a_source_where_the_table_says_so() -> None:
    for stage in STAGES:
        assert ("source" in stage._hints) == (stage.source is not None), stage.name


def test_a_name_that_is_no_stage_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"stage: expected one of ingest, .*; found 'fly'"):
        stage_named("fly")


def test_no_stage_imports_another_not_even_through_other_modules() -> None:
    graph = grimp.build_graph("tasks", exclude_type_checking_imports=True, cache_dir=None)
    modules = [f"tasks.{name}" for name in NAMES]
    chains = [
        graph.find_shortest_chain(importer=one, imported=other) for one in modules for other in modules if one != other
    ]
    assert [chain for chain in chains if chain] == []
