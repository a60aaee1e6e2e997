"""Faults under load: a box office that sells at speed while something around it breaks, and every answer accounted for.

`python -m tests.torture` (`make torture`) runs them all; the tests beside run a cheap share, and show by controls that
what is untrue would be found.
"""
