"""What the project decides, as data, and the models that check it.

Importing this package prepares the environment that Prefect, MLflow and the others read at their own import.
"""

from config import environment

environment.prepare()
