"""For each student the same questions with other numbers, and the key to them."""
