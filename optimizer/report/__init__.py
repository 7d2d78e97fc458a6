"""What people see: figures from results, and one self-contained HTML page per run."""
