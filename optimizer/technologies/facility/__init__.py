"""Power train and cooling of the data center building."""
