"""The resource kinds, one module for each feature; `resources.py` puts them into one table."""
