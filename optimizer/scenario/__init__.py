"""What a user may write in a scenario file, checked as a whole; knows no model."""
