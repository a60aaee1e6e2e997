"""The configurations of deploy/, as they are shipped, before real services and before servers that misbehave.

`python -m tests.balancer` (`make balancer`) has four services in network namespaces of their own restarted, cut off and
slowed down under load; the tests beside hold the configurations to what they promise, each with its control.
"""
