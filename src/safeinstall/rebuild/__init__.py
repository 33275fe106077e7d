"""An environment made anew beside the old one, and exchanged with it in one step.

``run`` is the road: conda's layer and pip's layer are made in a staging prefix, verified, and take
the place of the old environment, which stays as a backup. Until then the old one is not touched.
"""
