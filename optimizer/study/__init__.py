"""Yearly studies: many designs and weather years, planned in a batch, kept, compared and reported."""
