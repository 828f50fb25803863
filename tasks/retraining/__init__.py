"""Whether, and when, live traffic starts a retraining, and the history of retrainings.

reasons      from a monitoring report to a reason
events       the Prefect events of a report
policy       what speaks against a retraining now
new_rows     what a dataset version has that the champion was not trained on
decided      what became of the version that a retraining registered
record       the record of a retraining
history      one record of each retraining in S3, which changes by conditional writes
"""
