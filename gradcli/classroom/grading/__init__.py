"""Answers judged against a key: in turn or in several processes, with follow-through, into marks."""
