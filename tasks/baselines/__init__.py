"""The move from SageMaker Model Monitor and Clarify: their documents, mapped to the keys of a use case.

mapped           one check of a document, and what the use case has instead
documents        reads the documents, and finds the kind of each
data_quality     constraints.json of the data quality monitor
model_quality    constraints.json of the model quality monitor
clarify          analysis.json, or constraints.json, of bias and of explainability
statistics       statistics.json as a reference profile
"""
