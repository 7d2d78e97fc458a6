"""Repair and judgement of weather series: clock errors, gaps, capped radiation, implausible values; knows no provider's format."""
