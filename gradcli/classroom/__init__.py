"""Grading a class: a key, submissions, marks; what each report is made of."""
