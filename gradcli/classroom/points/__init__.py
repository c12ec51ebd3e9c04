"""Points of a question: drawn by lot, and whether slips show themselves there."""
