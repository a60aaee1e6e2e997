"""Measures Boxoffice against yardsticks that run beside it: `make bench`, explained in docs/benchmark.md."""
