"""Dates and numbers where Django's own formats are not what people write: one folder a language, by locale name."""
