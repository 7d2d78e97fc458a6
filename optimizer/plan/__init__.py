"""Inputs to model, solution, results and bill; names no technology."""
