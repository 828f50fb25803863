"""The stage `score` on the offline cloud: shards, a transform job, predictions and quarantine."""

import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from config.errors import InvalidRows, JobFailed, MissingInput, SourceError
from config.use_case import UseCase
from tasks import clients, storage
from tasks.batch import plan as plans
from tasks.batch.prepare import prepare
from tasks.batch.results import collect, find_scores
from tasks.batch.transform import answers_folder, answers_of, scoring_model, transform
from tasks.references import BatchScores, Champion
from tasks.sagemaker.transform_jobs import SUFFIX
from tests.sagemaker_local.support import everything
from tests.tasks.batch.conftest import rows, written
from tests.tasks.releases import new_use_case


def score(case: UseCase, champion: Champion, source: str, instances: int | None = None) -> BatchScores:
    """What the flow does, without Prefect."""
    plan = prepare.fn(case, source)
    if found := find_scores.fn(case, plan, champion):
        return found
    transform.fn(case, plan, champion, instances)
    return collect.fn(case, plan, champion)


def read(folder: str | None) -> pd.DataFrame:
    """The rows of all files of a folder."""
    assert folder is not None
    return pd.concat([storage.get_parquet(f"{folder}/{name}") for name in sorted(storage.names(folder))])


def jobs(case: UseCase) -> list[dict[str, Any]]:
    """The transform jobs of the use case, oldest first, as they were requested."""
    client = clients.sagemaker()
    found = everything(client, "list_transform_jobs", NameContains=f"{case.slug}-score", SortOrder="Ascending")
    return [dict(client.describe_transform_job(TransformJobName=job["TransformJobName"])) for job in found]


def asked(job: dict[str, Any]) -> list[str]:
    """The shards of a job's manifest."""
    source = job["TransformInput"]["DataSource"]["S3DataSource"]
    assert source["S3DataType"] == "ManifestFile"
    return list(storage.get_json(source["S3Uri"])[1:])


def test_rows_are_scored_with_their_key_and_bad_rows_are_in_quarantine_with_all_reasons(
    case: UseCase, champion: Champion, tmp_path: Path
) -> None:
    frame = rows(1000)
    frame.loc[700, ["age", "origin"]] = ["old", "mars"]
    frame.loc[701, "age"] = "99"
    frame.loc[702, "passed"] = ""
    source = written(tmp_path, frame)
    scores = score(case, champion, source)
    assert (scores.version, scores.rows, scores.quarantined, scores.known_targets) == (1, 998, 2, 997)
    scored = read(scores.uri)
    assert scored["input_row"].tolist() == [row for row in range(1000) if row not in (700, 701)]
    assert (scored["id"] == scored["input_row"] + 1).all()
    assert (scored["prediction"] == scored["probability_yes"].map(lambda p: "yes" if p > 0.5 else "no")).all()
    assert scored["hours"].tolist() == [row * 40 / 1000 for row in scored["input_row"]]
    aside = read(scores.quarantine_uri)
    assert aside[["input_row", "source_line", "id", "age"]].values.tolist() == [
        [700, 702, "701", "old"],
        [701, 703, "702", "99"],
    ]
    assert [list(reasons) for reasons in aside["reasons"]] == [
        [
            "age: expected a whole number from 10 to 30, found 'old'",
            "origin: expected one of no, yes, found (hidden: sensitive)",
        ],
        ["age: expected a whole number from 10 to 30, found 99"],
    ]  # fmt: skip
    assert scores.by_column == {"age": 2, "origin": 1}
    assert scores.reasons[0] == "line 702: age: expected a whole number from 10 to 30, found 'old'"
    [job] = jobs(case)
    assert job["ModelName"] == f"{case.slug}-v1-{str(job['ModelName'])[-6:]}"

    again = score(case, champion, source)
    assert again == scores  # with its time: nothing was done
    assert len(jobs(case)) == 1


def test_without_a_target_there_is_no_quality(case: UseCase, champion: Champion, tmp_path: Path) -> None:
    source = written(tmp_path, rows(10).drop(columns=["passed", "id"]))
    scores = score(case, champion, source)
    assert (scores.rows, scores.metrics, scores.quality, scores.known_targets) == (10, {}, None, 0)
    assert list(read(scores.uri)) == [
        "input_row", "age", "hours", "origin", "prediction", "probability_no", "probability_yes",
    ]  # fmt: skip


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards of 100 rows, so that few rows are several."""
    monkeypatch.setattr("tasks.batch.prepare.SHARD_ROWS", 100)


@pytest.mark.usefixtures("small_shards")
def test_after_a_failed_job_only_the_missing_shards_are_asked_again(
    case: UseCase, champion: Champion, tmp_path: Path
) -> None:
    frame = rows(500)
    frame.loc[250, "Hours"] = "1313"
    with pytest.raises(JobFailed, match=r"(?s)found Failed: ClientError.*reports of its objects.*400.*thirteen"):
        score(case, champion, written(tmp_path, frame), instances=2)
    assert len(answers_of(case, champion)) == 4
    frame.loc[250, "Hours"] = "13"
    scores = score(case, champion, written(tmp_path, frame), instances=2)
    first, second = jobs(case)
    assert (len(asked(first)), len(asked(second))) == (5, 1)
    assert first["TransformResources"]["InstanceCount"] == 2
    assert scores.rows == 500
    assert read(scores.uri)["input_row"].tolist() == list(range(500))


@pytest.mark.usefixtures("small_shards")
def test_deleted_answers_of_a_completed_job_are_made_again(case: UseCase, champion: Champion, tmp_path: Path) -> None:
    plan = prepare.fn(case, written(tmp_path, rows(300)))
    transform.fn(case, plan, champion)
    lost = plan.shards[1].name
    storage.delete([answers_of(case, champion)[lost]])
    transform.fn(case, plan, champion)
    first, second = jobs(case)
    assert (len(asked(first)), asked(second)) == (3, [lost])
    transform.fn(case, plan, champion)
    assert len(jobs(case)) == 2


@pytest.mark.usefixtures("small_shards")
def test_a_grown_file_repeats_no_shard(case: UseCase, champion: Champion, tmp_path: Path) -> None:
    score(case, champion, written(tmp_path, rows(300).assign(Hours="1")))
    grown = pd.concat([rows(300).assign(Hours="1"), rows(50)])
    assert score(case, champion, written(tmp_path, grown)).rows == 350
    assert [len(asked(job)) for job in jobs(case)] == [3, 1]


@pytest.mark.usefixtures("small_shards")
def test_two_runs_at_once_share_one_job(case: UseCase, champion: Champion, tmp_path: Path) -> None:
    source, found = written(tmp_path, rows(300)), list[BatchScores]()
    threads = [threading.Thread(target=lambda: found.append(score(case, champion, source))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.rows for each in found] == [300, 300]
    assert len(jobs(case)) == 1
    assert read(found[0].uri)["input_row"].tolist() == list(range(300))


def test_a_source_that_is_unchanged_is_not_read_again_unless_a_shard_is_gone(
    case: UseCase, champion: Champion, tmp_path: Path
) -> None:
    source = f"s3://{storage.address(answers_folder(case, champion))[0]}/{case.name}/rows.csv"
    storage.put(source, rows(20).to_csv(index=False).encode())
    before = prepare.fn(case, source)
    shard = f"{plans.shards(case.name)}/{before.shards[0].name}"
    written_at = storage.modified(shard)
    assert prepare.fn(case, source) == before
    storage.delete([shard])
    assert prepare.fn(case, source) == before
    assert storage.modified(shard) >= written_at


def test_if_no_row_can_be_scored_the_error_has_the_quarantine(
    case: UseCase, champion: Champion, tmp_path: Path
) -> None:
    with pytest.raises(InvalidRows, match=r"(?s)found none among 3\n  line 2: age: .*all of them: s3://.*/quarantine"):
        score(case, champion, written(tmp_path, rows(3).assign(age="old")))
    with pytest.raises(InvalidRows, match=r"(?s)found none among 3\n  line 2: age: .*all of them: s3://.*/quarantine"):
        score(case, champion, written(tmp_path, rows(3).assign(age="99")))
    with pytest.raises(SourceError, match=r"lacks 1 feature\(s\): expected 'Hours'; .*there is 'hours'"):
        prepare.fn(case, written(tmp_path, rows(3).rename(columns={"Hours": "hours"})))


def test_a_use_case_without_a_champion_is_refused(bucket: str) -> None:
    with pytest.raises(MissingInput, match="expected a champion to score with, found none"):
        scoring_model.fn(new_use_case())


def test_answers_that_are_not_of_this_model_are_refused(case: UseCase, champion: Champion, tmp_path: Path) -> None:
    plan = prepare.fn(case, written(tmp_path, rows(3)))
    uri = f"{answers_folder(case, champion)}/{plan.shards[0].name}{SUFFIX}"
    for content, message in ((b"no arrow", "expected an Arrow stream"), (_stream(2), "expected 3 answers, found 2")):
        storage.put(uri, content)
        with pytest.raises(JobFailed, match=message):
            collect.fn(case, plan, champion)


def _stream(count: int) -> bytes:
    names = ["prediction", "probability_no", "probability_yes", "error"]
    table = pa.table({name: ["no"] * count if name == "prediction" else [None] * count for name in names})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
