"""Scenario and weather into the inputs Dataset; knows no model."""
