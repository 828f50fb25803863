"""The part of AWS's XGBoost container that script-mode programs import, for XGBoost 3."""
