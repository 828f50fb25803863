"""The quality of a version on live traffic: measured with ground truth, and estimated before it is there."""
