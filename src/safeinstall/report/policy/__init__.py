"""What is told of a policy: its values, its exceptions, and how it judges. Pure."""
