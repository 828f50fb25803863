from tasks.sagemaker import tags


def test_tags_are_keys_and_values() -> None:
    assert tags.labels({"use-case": "a", "split": "s"}) == [
        {"key": "use-case", "value": "a"},
        {"key": "split", "value": "s"},
    ]
