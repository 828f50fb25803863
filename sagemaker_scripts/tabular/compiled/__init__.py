"""The model compiled at training: the fitted steps as NumPy and Arrow code, and runtimes of the estimators.

`compiler.compile_model` writes it in a training job; `model.CompiledModel` predicts with it.
"""
