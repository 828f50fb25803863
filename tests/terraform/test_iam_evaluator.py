"""The evaluator of IAM policies, by the rules of the IAM User Guide."""

import pytest

from tests.terraform.iam import Request, allowed, holds, trusted

ALL = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("operator", "values", "found", "expected"),
    [
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", ["a"], None, False),
        ("StringEqualsIfExists", ["a"], None, True),
        ("StringEqualsIfExists", ["a"], "b", False),
        ("StringNotEquals", ["a"], None, True),
        ("StringNotLike", ["a*"], "ab", False),
        ("StringLike", "a/*", "a/b/c", True),
        ("ArnLike", "arn:aws:rds:*:*:db:x-*", "arn:aws:rds:us-east-1:1:db:x-1", True),
        ("ArnLike", "arn:aws:rds:*:*:db:x-*", None, False),
        ("Bool", "true", "true", True),
        ("BoolIfExists", "true", None, True),
        ("Null", "true", None, True),
        ("Null", "false", None, False),
        ("ForAnyValue:StringEquals", ["a"], ["a", "b"], True),
        ("ForAnyValue:StringEquals", ["a"], [], False),
        ("ForAnyValue:StringLike", ["a*"], ["b", "ab"], True),
        ("ForAllValues:StringEquals", ["a"], ["a", "b"], False),
        ("ForAllValues:StringEquals", ["a"], None, True),
    ],
)
def test_an_operator_holds_as_iam_documents(operator: str, values: object, found: object, expected: bool) -> None:
    context = {} if found is None else {"key": found}
    assert holds({operator: {"key": values}}, context) is expected  # type: ignore[arg-type]


def test_a_deny_wins_and_a_boundary_limits() -> None:
    read = Request("s3:GetObject", "arn:aws:s3:::b/k")
    assert allowed(read, [ALL])
    assert not allowed(read, [ALL, {**ALL, "Effect": "Deny"}])
    assert not allowed(read, [ALL], boundary=[{**ALL, "Action": "sqs:*"}])
    assert not trusted({}, [{**ALL, "Effect": "Deny"}])


def test_what_it_does_not_know_is_an_error() -> None:
    with pytest.raises(NotImplementedError, match="NumericLessThan on key"):
        holds({"NumericLessThan": {"key": "1"}}, {"key": "0"})
    with pytest.raises(NotImplementedError, match="needs ForAnyValue"):
        holds({"StringEquals": {"key": "1"}}, {"key": ["1", "2"]})
