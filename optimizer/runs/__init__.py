"""A run's folder on disk: written whole, read back, re-checked; knows no solver."""
