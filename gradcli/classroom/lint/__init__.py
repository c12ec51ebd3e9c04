"""What is wrong with a key before anyone is graded."""
