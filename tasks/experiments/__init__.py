"""MLflow: the runs of evaluations, and a mirror of the registered versions. Only this package uses MLflow.

tracking_server    the environment's tracking server: whether it runs, and its version
tracking           the connection, and the logged evaluations
runs               finds or creates one run
registered_models  mirrors registered versions, and who is champion
logged_models      the logged model of a version
model_signature    the inputs and answers of a model, as MLflow has them
gc                 deletes old runs

SageMaker's registry has the models and decides what may be deployed. MLflow has the parameters and metrics.
"""
