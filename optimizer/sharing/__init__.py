"""Several owners of one station: settlement and cooperative games; knows no command."""
