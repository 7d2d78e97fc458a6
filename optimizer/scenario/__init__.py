"""Scenario files: what a user may write, checked as a whole; knows no model."""
