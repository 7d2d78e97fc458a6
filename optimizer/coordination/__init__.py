"""Many sites planned by prices of each other's cards: each site alone, and a master that finds the prices."""
