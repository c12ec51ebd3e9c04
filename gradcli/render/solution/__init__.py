"""The worked solution: one outline, written in Markdown or LaTeX."""
