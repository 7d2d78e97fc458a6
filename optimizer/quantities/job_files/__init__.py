"""Forms of job files and logs, read row by row, with an account of every row; knows no calendar and no plan."""
