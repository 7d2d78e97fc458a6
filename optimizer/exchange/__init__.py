"""Other tools' files: PyPSA networks, tariffs of the utility rate database, carbon services, REopt inputs, Parquet; knows no solver."""
