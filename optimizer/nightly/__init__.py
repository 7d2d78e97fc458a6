"""The nightly job: a valid plan every night, whatever the forecast, the queue, the clock, the solver or the disk does."""
