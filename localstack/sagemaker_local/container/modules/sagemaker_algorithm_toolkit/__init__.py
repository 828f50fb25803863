"""The part of AWS's algorithm toolkit that its XGBoost image raises."""
