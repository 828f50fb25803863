"""What `vishwaops serve` runs beside the Prefect server."""

from config.profile import load_profile
from flows.commands.main import GROUPS
from flows.serve.machine import WORKER, commands


def test_only_an_environment_on_aws_has_a_receiver_of_its_alarms() -> None:
    assert list(commands("here", load_profile("offline"))) == [WORKER]
    found = commands("here", load_profile("aws"))
    assert found[WORKER][-3:] == ("here", "--type", "process")
    assert found["events receiver"] == ("flows.commands.entry_point", "events", "--profile", "aws")
    assert "flows.commands.events" in {group.__name__ for group in GROUPS}
