"""A key: what is asked, what it is worth, and that it is right."""
