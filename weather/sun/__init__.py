"""Sun geometry and clear-sky irradiance: pure functions of place and time; knows no series."""
