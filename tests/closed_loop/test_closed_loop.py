"""Traffic or truth changes, and the model is trained again, judged and released, with no hand on it."""

from tests.closed_loop.conftest import Loops
import pytest
from tests.patience import until

pytestmark = pytest.mark.starts_first(seconds=110)

def test_x(loops: Loops) -> None:
    import time
    from prefect.events import emit_event
    t=time.monotonic()
    before = {l.case.name: l.served() for l in (loops.drift, loops.labels, loops.worse)}
    print(before)
    for l in (loops.drift, loops.labels, loops.worse):
        d = loops.prefect.read_deployment_by_name(f"retrain/{l.case.slug}-retrain")
        loops.prefect.create_flow_run_from_deployment(d.id, parameters={"use_case": str(l.path), "reason":"r","event":"e"})
    from tasks.retraining import history
    for l in (loops.drift, loops.labels, loops.worse):
        r=until(lambda: [e for e in history.read(l.case.name) if e.outcome])
        print(time.monotonic()-t, r, l.served(), loops.clients[l.case.name].failures, len(loops.clients[l.case.name].sent))
