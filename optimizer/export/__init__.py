"""A published plan in the words of schedulers, calendars and service managers."""
