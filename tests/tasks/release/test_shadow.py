"""When a release has no shadow, and how its answers are compared. What a shadow does is in test_releases.py."""

from config.use_case import UseCase
from tasks.release.shadow import require_quiet
from tasks.sagemaker.endpoint_metrics import Answers
from tasks.sagemaker.endpoints import find_endpoint
from tasks.sagemaker.hosted_models import HostedModel
from tests.tasks.release.conftest import releasing
from tests.use_cases import small_use_case

HOSTED = HostedModel("small-one-v1-0a1b2c", False, {}, {})


def test_a_first_release_has_no_shadow(bucket: str) -> None:
    plain: UseCase = small_use_case(hosting={"kind": "instances"})
    for case in (plain, releasing(plain, shadow={"minutes": 60})):
        require_quiet(case, "no-such-endpoint", HOSTED, (), lambda: None)
        assert find_endpoint("no-such-endpoint") is None


def test_answers_of_the_minute_before_the_shadow_do_not_count() -> None:
    earlier, later = Answers(requests=100, errors=50, total_ms=1000), Answers(requests=120, errors=51, total_ms=1400)
    found = later.without(earlier)
    assert (found.requests, found.errors, found.latency_ms, found.failed_share) == (20, 1, 20, 0.05)
    assert str(found) == "20 requests, 1 failed, 20.0 ms"
    nothing = earlier.without(earlier)
    assert (nothing.failed_share, nothing.latency_ms) == (0, 0)
