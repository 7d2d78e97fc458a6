"""Quantities over time: calendars, series, tariffs, job tables; knows no technology."""
