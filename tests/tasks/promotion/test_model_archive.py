"""The archive of another environment's model is checked, and nothing in it is run."""

import io

import pytest

from config.errors import GateError
from tasks import digests
from tasks.promotion.model_archive import LARGEST_CONTRACT, require_archive
from tests.tasks.promotion.archives import URI, archive, parts
from tests.use_cases import small_use_case

CASE = small_use_case()


def check(file: io.BytesIO) -> None:
    require_archive(CASE, URI, file, digests.of_file(file))


def test_an_archive_with_every_part_passes_and_stays_at_its_beginning() -> None:
    file = archive(parts(CASE))
    check(file)
    assert file.tell() == 0


def test_another_seed_or_primary_metric_is_no_other_contract() -> None:
    other = small_use_case(seed=99, evaluation={"primary": "f1", "gates": [{"metric": "f1", "at_least": 0.1}]})
    check(archive(parts(other)))


@pytest.mark.parametrize("missing", sorted(parts(CASE)))
def test_a_missing_part_is_named(missing: str) -> None:
    files = {name: content for name, content in parts(CASE).items() if name != missing}
    with pytest.raises(GateError, match=missing.rpartition("/")[0] or missing):
        check(archive(files))


def test_other_content_than_was_registered_is_refused() -> None:
    with pytest.raises(GateError, match=f"{URI}: expected the archive that was registered, with SHA-256 {'0' * 64}"):
        require_archive(CASE, URI, archive(parts(CASE)), "0" * 64)


@pytest.mark.parametrize(
    "file",
    [
        io.BytesIO(b"no archive"),
        archive({}),
        archive({**parts(CASE), "contract.json": b"{"}),
        archive({**parts(CASE), "contract.json": b"[]"}),
        archive({**parts(CASE), "contract.json": b" " * (LARGEST_CONTRACT + 1)}),
        archive({k: v for k, v in parts(CASE).items() if k != "contract.json"}, {"contract.json": "/etc/passwd"}),
        io.BytesIO(archive(parts(CASE)).getvalue()[:-40]),
    ],
    ids=["no archive", "empty", "no JSON", "other JSON", "too large", "a link", "cut off"],
)
def test_a_broken_archive_is_refused_in_words(file: io.BytesIO) -> None:
    with pytest.raises(GateError, match=r"expected a model.tar.gz with a contract.json, found none"):
        check(file)


def test_each_difference_of_the_contract_is_named() -> None:
    columns = CASE.model_dump(mode="json", exclude_none=True, exclude_defaults=True)["columns"]
    columns["age"]["maximum"] = 99
    other = small_use_case(name="another_one", columns=columns, features=["colour", "age"])
    with pytest.raises(GateError) as refused:
        check(archive(parts(other)))
    for expected in (
        "use_case 'another_one' instead of 'small_one'",
        "features colour, age instead of age, colour",
        "feature age: maximum 99.0 instead of 30.0",
    ):
        assert expected in str(refused.value)
