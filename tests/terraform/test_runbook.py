"""Every alarm's description links a paragraph of the runbook, and the runbook has no other."""

import re

import pytest

from tasks.platform.terraform import SOURCE
from tasks.platform.terraform_plan import plan

ALARMS = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
LINK = re.compile(r"Runbook: terraform/runbook\.md#([a-z-]+)$")
PARAGRAPHS = re.findall(r"^## ([a-z-]+)\n\n\w", (SOURCE / "runbook.md").read_text(), re.M)


@pytest.fixture(scope="module")
def links(cli_config: object) -> dict[str, str]:
    """The paragraph that each planned alarm of dev and prod links, by name; "" for none."""
    alarms = [found.values for name in ("dev", "prod") for found in plan(name) if found.type in ALARMS]
    found = {alarm["alarm_name"]: LINK.findall(alarm["alarm_description"]) for alarm in alarms}
    return {name: link[0] if link else "" for name, link in found.items()}


def test_every_alarm_links_its_paragraph(links: dict[str, str]) -> None:
    assert len(links) > 40
    assert {name: link for name, link in links.items() if link not in PARAGRAPHS} == {}


def test_every_paragraph_is_of_an_alarm(links: dict[str, str]) -> None:
    text = "".join(path.read_text() for path in SOURCE.glob("modules/*/*.tf"))
    unused = set(PARAGRAPHS) - set(links.values())
    assert [paragraph for paragraph in unused if paragraph not in text] == []
