"""Nights replayed against what then happened; knows no command."""
