from tasks.lineage.link import Link

ROWS = Link("dataset version", "d1", "missing", "it was deleted")
JOB = Link(
    "training job", "j1", "verified", sources=(ROWS, Link("code", "c1", "differs"), Link("job", "j0", "elsewhere"))
)


def test_what_is_missing_or_differs_anywhere_is_broken_and_what_is_elsewhere_is_not() -> None:
    tree = Link("model version", "v1", sources=(JOB,))
    assert [link.what for link in tree.all()] == ["model version", "training job", "dataset version", "code", "job"]
    assert [link.name for link in tree.broken] == ["d1", "c1"]


def test_json_has_the_sources_of_each() -> None:
    assert Link("model version", "v1", sources=(ROWS,)).as_json() == {
        "what": "model version",
        "name": "v1",
        "state": "found",
        "detail": "",
        "sources": (
            {"what": "dataset version", "name": "d1", "state": "missing", "detail": "it was deleted", "sources": ()},
        ),
    }
