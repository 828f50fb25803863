import re
from pathlib import Path

from tests.flows.conftest import Command


def test_uci_697_goes_through_the_lifecycle_as_it_is(command: Command, dropout_data: Path) -> None:
    assert dropout_data.read_bytes().startswith(b"\xef\xbb\xbf"), "the file has its byte order mark"
    status, output = command("run", "lifecycle", "--use-case", "student_dropout", "--source", str(dropout_data))
    assert status == 0, output
    assert "4,424 ingested, 0 quarantined" in output
    found = re.search(r"held out\s+f1 ([0-9.]+), naive ([0-9.]+)", output)
    assert found, output
    assert 0.68 <= float(found[1]) < 0.78, "published: 0.72 to 0.75; above 0.78 suspect leakage"
