# Figures are grouped by three in print, whatever the words for large numbers are.
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
