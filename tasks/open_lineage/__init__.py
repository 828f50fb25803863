"""Lineage as OpenLineage events: from the source to the dataset, the jobs and the model (OpenLineage 1.x).

`events.py` sends an event when a stage starts, and when it completes, fails or is cancelled. `datasets.py` names what a
stage reads and writes. The profile's `lineage` says where events go: a file of the state folder, or a server.
"""

from tasks.open_lineage.events import stage_events

__all__ = ["stage_events"]
