"""Expression → text: plain notation that parses back, notation for the eye, and index form."""
