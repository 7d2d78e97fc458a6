"""Forecasts of the weather: issued series, error models, ensemble members, scores; knows no site's plan."""
