"""Whether somebody has asked this process to stop. What waits for a job looks here."""

from threading import Event

asked = Event()
