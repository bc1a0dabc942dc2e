"""The demonstration: a fictional institution's strategy over a year, told through the same actions as clicks."""
