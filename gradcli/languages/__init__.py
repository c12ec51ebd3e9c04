"""One file a language: ``WORDS``, from the English pattern to the pattern in that language."""
