"""Reads facts about tools and environments from the disk, before the real tool runs. Changes
nothing and starts no process.
"""
