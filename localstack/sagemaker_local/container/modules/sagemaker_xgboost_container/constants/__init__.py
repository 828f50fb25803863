"""Constants of AWS's XGBoost container."""
