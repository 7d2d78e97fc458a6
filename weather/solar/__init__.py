"""Solar yield: sun position, plane-of-array irradiance, photovoltaic conversion; knows no price."""
