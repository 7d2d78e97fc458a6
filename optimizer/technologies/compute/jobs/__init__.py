"""Jobs with a size, a length and a deadline: settings, cohorts, starts, pauses, timetable."""
