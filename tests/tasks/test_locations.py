"""Every address is below the use case's prefix, to which its roles are limited."""

from collections.abc import Callable

import pytest

from tasks import locations

IN_BUCKETS: dict[str, tuple[Callable[..., str], ...]] = {
    "data": (locations.validated, locations.split, locations.predictions, locations.heartbeat),
    "artefacts": (locations.code, locations.page, locations.data_page, locations.promoted, locations.card),
    "monitoring": (locations.profiles, locations.training_profile),
}


@pytest.mark.parametrize(("purpose", "location"), [(name, each) for name, all_ in IN_BUCKETS.items() for each in all_])
def test_an_address_is_in_the_use_cases_part_of_its_bucket(
    bucket: str, purpose: str, location: Callable[..., str]
) -> None:
    root = locations.root("student_grades", purpose)  # type: ignore[arg-type]
    address = location("student_grades", "part")
    assert address.startswith(f"{root}/")
    assert "part" in address


def test_a_use_cases_buckets_are_three(bucket: str) -> None:
    roots = {locations.root("student_grades", purpose) for purpose in ("data", "artefacts", "monitoring")}
    assert len(roots) == 3
    assert all(root.endswith("/student_grades") for root in roots)


def test_no_two_kinds_of_object_share_a_folder(bucket: str) -> None:
    addresses = [each("student_grades", "part") for all_ in IN_BUCKETS.values() for each in all_]
    assert len(set(addresses)) == len(addresses)
