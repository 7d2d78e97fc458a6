"""What a value over time is: calendars, series, tariffs, job tables; knows no technology."""
