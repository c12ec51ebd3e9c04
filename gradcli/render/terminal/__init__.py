"""The circuit in the terminal: drawn with box characters, or told in sentences."""
