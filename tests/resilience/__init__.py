"""What a lifecycle leaves when it is killed, stopped or cancelled in the middle, and what the next run repeats."""
