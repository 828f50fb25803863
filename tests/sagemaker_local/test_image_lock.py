"""An image's lock has the versions that AWS publishes for the image; each difference has a reason."""

from pathlib import Path

import pytest

from sagemaker_local.image_lock import ImageVersions, publish, read_lock, write_requirements

IMAGES = Path(__file__).parents[2] / "localstack" / "images"
PUBLISHED = sorted(file.parent for file in IMAGES.glob("*/published.toml"))
VERSIONS = ImageVersions(
    published={"numpy": "2.1.0", "scipy": "1.15.0", "cuda-core": "0.7.0"},
    left_out={"cuda-core": "no GPU"},
    changed={},
    added={"uvicorn": {"versions": ["0.54.0"], "reason": "serves"}},
)
LOCK = "numpy==2.1.0 \\\n    --hash=sha256:0\nscipy==1.15.0 \\\nuvicorn==0.54.0 ; python_version < '4' \\\n"


def test_all_images_with_a_lock_have_published_versions() -> None:
    assert [folder.name for folder in PUBLISHED] == [file.parent.name for file in sorted(IMAGES.glob("*/*.lock"))]
    assert len(PUBLISHED) == 3


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_the_lock_differs_from_the_published_versions_only_where_differences_toml_says_why(folder: Path) -> None:
    versions = ImageVersions.read(folder)
    assert versions.problems(read_lock(folder)) == []
    assert (folder / "requirements.in").read_text().splitlines()[1:] == versions.requirements()
    assert all(versions.left_out.values())
    assert all(other["reason"] for other in (*versions.changed.values(), *versions.added.values()))


@pytest.mark.parametrize(
    ("lock", "problem"),
    [
        (LOCK.replace("2.1.0", "2.2.0"), "numpy: expected 2.1.0, found 2.2.0"),
        (LOCK.replace("scipy==1.15.0 \\\n", ""), "scipy: expected 1.15.0, found none"),
        (LOCK + "cuda-core==0.7.0 \\\n", "cuda-core: expected none, found 0.7.0"),
    ],
)
def test_every_other_difference_is_named(lock: str, problem: str) -> None:
    assert VERSIONS.problems(LOCK) == []
    assert VERSIONS.problems(lock) == [problem]


def test_a_difference_that_is_none_is_named() -> None:
    stale = ImageVersions(
        {"numpy": "2.1.0"}, {"gone": "no wheel"}, {"numpy": {"versions": ["2.1.0"], "reason": "none"}}, {}
    )
    assert stale.problems("numpy==2.1.0 \\\n") == [
        "numpy: differences.toml lists it, but it is no difference",
        "gone: differences.toml lists it, but it is no difference",
    ]


def test_a_newer_lock_of_awss_is_taken_with_its_commit(tmp_path: Path) -> None:
    (tmp_path / "published.toml").write_text('source = "https://example.org"\npath = "uv.lock"\n[versions]\n')
    (tmp_path / "differences.toml").write_text('[left_out]\nb = "no wheel"\n')
    (tmp_path / "uv.lock").write_text(
        '[[package]]\nname = "a"\nversion = "1"\nsource = { registry = "r" }\n'
        '[[package]]\nname = "b"\nversion = "2"\nsource = { registry = "r" }\n'
        '[[package]]\nname = "image"\nversion = "3"\nsource = { virtual = "." }\n'
    )
    publish(tmp_path, tmp_path / "uv.lock", "abc")
    write_requirements(tmp_path)
    assert 'commit = "abc"' in (tmp_path / "published.toml").read_text()
    assert ImageVersions.read(tmp_path).published == {"a": "1", "b": "2"}
    assert (tmp_path / "requirements.in").read_text().splitlines()[1:] == ["a==1"]
