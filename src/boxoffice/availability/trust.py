"""What makes knowledge from the other layer too old to be believed: plain functions of moments, in seconds."""


class Trust:
    """The two rules by which L1 takes over from L2; a control test passes in an object without one of them."""

    def moment_of(self, asked_at: float, age: float) -> float:
        """Return the moment from which the age is counted on: never later than what L2 says, as of the question."""
        return asked_at - age

    def is_newer(self, moment: float, changed_at: float) -> bool:
        """Tell whether what was read at `moment` can have seen what this process itself changed, or heard of."""
        return moment > changed_at


TRUST = Trust()
