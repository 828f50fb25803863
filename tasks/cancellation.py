"""Whether cancellation of this process is requested. Code that waits for a job checks it."""

from threading import Event

requested = Event()
