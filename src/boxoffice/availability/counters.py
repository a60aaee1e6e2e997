"""What happened in the two layers, counted since the process began."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Answers:
    """Answers of one memory, by what had them: this process (L1), Redis (L2), or nobody, so that they were loaded."""

    local: int = 0
    shared: int = 0
    loaded: int = 0


@dataclass(slots=True)
class Counters:
    """Plain numbers that only grow; metrics read them."""

    marks_local_hits: int = 0
    marks_shared_hits: int = 0
    marks_shared_misses: int = 0
    memories: dict[str, Answers] = field(default_factory=dict)
    redis_questions: int = 0
    redis_losses: int = 0
    redis_unsaid: int = 0
    messages_heard: int = 0
    messages_gaps: int = 0

    def of_memory(self, name: str) -> Answers:
        """Return the numbers of the memory of this name, to add to."""
        return self.memories.setdefault(name, Answers())
