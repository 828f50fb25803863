"""The model card of a registered version: what it is for, what it was made of, how good it is, and who approved it.

facts      what a run knows when it registers the version, stored once as JSON
decisions  who approved it and why, by the registry and the audit log
limits     what its data can't say
content    the card by SageMaker's schema of model cards
resource   the ModelCard in SageMaker
publish    writes the page and the ModelCard, again after each decision

Every field is computed from the use case, from references and from evaluation.json.
"""
