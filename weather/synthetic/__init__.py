"""Synthetic weather years from monthly climate statistics; always labelled synthetic."""
