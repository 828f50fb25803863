"""Our own model server: a front process takes HTTP, a loader loads the model once, and its forked workers answer."""
