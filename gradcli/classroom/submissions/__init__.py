"""What students hand in: files of all kinds, and which answer is to which part."""
