"""Read and merge the policy files of machine, user and project, and judge findings by them."""
