"""Files on disk, whole or not at all and only where they are ours to replace, and processes that end with their parent;
knows nothing of what they hold or do."""
