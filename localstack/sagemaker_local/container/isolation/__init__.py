"""Starts a job's command and watches over it. It precedes every job, so it must import fast: standard library only."""
