"""Starts a job's command and ends what it leaves. Every job runs it first, so it imports the standard library only."""
