"""Files on disk: whole or not at all, and only where they are ours to replace; knows nothing of what they hold."""
