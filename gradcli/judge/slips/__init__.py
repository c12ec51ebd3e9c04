"""The slips that people make, each applied to the tape of a question: what the answer would be with exactly one of them."""
