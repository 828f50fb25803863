"""The exceptions of AWS's algorithm toolkit that its XGBoost image raises."""
