"""Answers requests to a model: the same code in AWS's prebuilt images, in our own image, and offline."""
