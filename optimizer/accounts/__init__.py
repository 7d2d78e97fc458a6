"""Origin of energy, carbon, certificates and money over years, from a plan's Dataset alone; knows no model."""
