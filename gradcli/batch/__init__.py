"""Many points: a table of them in, a table of values and partials out."""
