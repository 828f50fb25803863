"""The closed loop, with no hand on it: live traffic, monitoring, retraining and release."""
