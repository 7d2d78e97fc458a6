"""Rules that bind a site as a whole: green supply, resilience."""
