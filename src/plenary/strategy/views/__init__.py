"""The pages: reading the text, changing it, importing it."""
