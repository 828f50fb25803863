"""The files of model.tar.gz."""

MODEL_FILE = "model.skops"
BASELINE_FILE = "baseline.json"
COMPILED_FILE = "compiled.json"
LEARNING_CURVE_FILE = "learning_curve.json"
"""The learning curve of the model's recipe; absent where the use case has none."""
PLAIN = "plain"
"""The kind of estimator in COMPILED_FILE of a model that is not compiled: its pipeline predicts."""
CODE = ("inference.py", "requirements.txt", "serving", "tabular", "wheels")
"""What the folder `code` has."""
