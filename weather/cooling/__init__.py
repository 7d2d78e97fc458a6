"""Plateau cooling physics: moist air, cooling plants, power-train losses as pure functions; knows no scenario."""
