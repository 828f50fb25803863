"""The table of stages."""

import grimp
import pytest

from config.errors import ConfigError
from flows.stages import ALL_STAGES, NAMES, STAGES, inputs_of, stage_named
from tasks.references import DataSplit, ModelEvaluation, TrainedModels, ValidatedDataset


def test_every_input_of_a_stage_is_an_output_of_an_earlier_stage() -> None:
    for number, stage in enumerate(STAGES):
        left = {before.output for before in STAGES[:number]}
        assert set(stage.inputs.values()) <= left, stage.name


def test_names_and_outputs_of_stages_are_unique() -> None:
    assert len(set(NAMES)) == len({stage.output for stage in STAGES}) == len(STAGES)


def test_the_annotations_of_a_stage_define_its_inputs_and_output() -> None:
    register = stage_named("register")
    assert register.inputs == {
        "rows": ValidatedDataset, "parts": DataSplit, "models": TrainedModels, "evaluation": ModelEvaluation,
    }  # fmt: skip
    assert [stage.name for stage in inputs_of(register)] == ["validate", "split", "train", "evaluate"]
    assert inputs_of(stage_named("ingest")) == inputs_of(stage_named("score")) == ()


def test_a_stage_reads_a_source_if_the_table_allows_it() -> None:
    for stage in ALL_STAGES:
        assert ("source" in stage._hints) == (stage.source is not None), stage.name


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"stage: expected one of ingest, .*; found 'fly'"):
        stage_named("fly")


def test_no_stage_imports_another_not_even_through_other_modules() -> None:
    graph = grimp.build_graph("tasks", exclude_type_checking_imports=True, cache_dir=None)
    modules = [f"tasks.{name}" for name in (*NAMES, "batch")]
    chains = [
        graph.find_shortest_chain(importer=one, imported=other, as_packages=True)
        for one in modules
        for other in modules
        if one != other
    ]
    assert [chain for chain in chains if chain] == []
