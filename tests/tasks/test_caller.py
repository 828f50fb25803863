import getpass

import pytest

from tasks import caller, clients


def test_offline_the_caller_is_this_machine_s_user(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert caller.person() == getpass.getuser()
    monkeypatch.setenv("LOGNAME", "a-data-scientist")
    assert caller.person() == "a-data-scientist"


@pytest.mark.usefixtures("aws")
def test_on_aws_the_caller_is_the_arn_of_its_credentials(bucket: str) -> None:
    arn = clients.client("sts").get_caller_identity()["Arn"]
    assert arn.startswith("arn:aws:")
    assert caller.person() == arn
