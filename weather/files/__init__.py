"""Files as bytes and text, bounded and regular; knows no format."""
