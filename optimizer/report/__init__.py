"""Report for people: figures from results, and one self-contained HTML page per run."""
