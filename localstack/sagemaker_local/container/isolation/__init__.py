"""What starts a job's command and watches over it. Standard library only; it precedes every job, so it must import fast."""
