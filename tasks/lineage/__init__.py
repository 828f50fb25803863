"""What a prediction, a version or a run was made from, back to the digest of the raw rows.

same_split   checks that models and their evaluations are from one split
link         one thing in a lineage, with what it was made from
predictions  a prediction, by its id
versions     a registered version: decisions, signature, jobs
rows         splits and dataset versions
walk         the lineage of each
"""
