"""Judging answers: correct, incorrect with a witness, undecided; or invalid, where there is nothing to judge."""
