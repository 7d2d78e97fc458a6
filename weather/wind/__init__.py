"""Wind yield: hub-height wind, power curves, standstill; knows no price."""
