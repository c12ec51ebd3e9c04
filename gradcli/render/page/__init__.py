"""The page to step through: a lesson, its mathematics, its controls, and the files it is dressed with."""
