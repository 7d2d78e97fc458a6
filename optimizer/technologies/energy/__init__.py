"""Generation, storage, grid connection and electrical loads."""
