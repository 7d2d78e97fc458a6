"""The language of what people read: sentences by their English text, numbers and units as its readers write them; no scenario, no model."""
