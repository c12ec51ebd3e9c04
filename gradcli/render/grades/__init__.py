"""A graded class → reports, one module for each format."""
