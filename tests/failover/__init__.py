"""A primary of Postgres and its standby: the primary is lost while tickets are sold, the standby takes over.

`make failover` runs all of it. What is lost with which setting: docs/high-availability.md.
"""
