"""Knows how a plan's results stand to the clauses of rule books; reads results and the scenario, never a model or solver."""
