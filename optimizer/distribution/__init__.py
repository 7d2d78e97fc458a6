"""How the project leaves its repository: wheel, source distribution, site of pages. It knows files, not energy, and nothing imports it."""
