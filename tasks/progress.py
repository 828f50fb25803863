"""What a stage tells the person who runs it: one line a step, with the figure that matters."""

import logging

log = logging.getLogger("vishwaops")
log.setLevel(logging.INFO)
