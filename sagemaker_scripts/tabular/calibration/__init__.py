"""What a model learns from the validation rows, which it was not fitted on: how its outputs are used.

`file.py` has calibration.json, which is in model.tar.gz beside the model. `threshold.py` chooses the probability
above which a row is of the positive class. `conformal.py` has prediction intervals and sets.
"""
