"""Promotion: copies an approved model of one environment into the model registry of another.

Every check is made before the first write. `flows/promotion.py` puts the parts together.
"""
