"""Several sites with compute links: price coordination, transfers; knows no command."""
