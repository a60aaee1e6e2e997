"""The stress test: Artillery storms the box office, and the truth is checked after. docs/stress-test.md says how."""
