"""What is told of a policy, as text for people."""
