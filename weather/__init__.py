"""Weather: weather readers, repairs, synthetic years, forecasts, and the physics of sun, wind and cooling.

Knows no site equipment ratings, no scenario and no optimization model.
"""
