"""Report → a short script that computes the same gradient with another library, and asserts our numbers."""
