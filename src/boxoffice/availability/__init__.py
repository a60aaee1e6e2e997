"""The guess: what one process (L1) and Redis (L2) remember of the truth, each within a stated age."""
