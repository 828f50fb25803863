"""Training on the rows of several instances: sums and order statistics over all of them, and one model."""
