"""Qaidam: from a scenario of a green data center to an hourly plan, with a proof of how good it is."""
