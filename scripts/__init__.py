"""Sets up, starts, tests and measures Kindred with nothing but the standard library."""
