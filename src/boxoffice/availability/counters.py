"""What happened in the two layers, counted since the process began."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Plain numbers that only grow; metrics read them."""

    marks_local_hits: int = 0
    marks_shared_hits: int = 0
    marks_shared_misses: int = 0
    memory_local_hits: int = 0
    memory_shared_hits: int = 0
    memory_loads: int = 0
    redis_questions: int = 0
    redis_losses: int = 0
    redis_unsaid: int = 0
    messages_heard: int = 0
    messages_gaps: int = 0
