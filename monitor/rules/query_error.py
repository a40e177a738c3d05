"""The mistake in a query: where, what, and what to write instead."""


class QueryError(ValueError):
    """A query that cannot be used: where (character, from 0), what is wrong, and what to write instead."""

    def __init__(self, position: int, problem: str, hint: str) -> None:
        super().__init__(f"query: character {position + 1}: {problem}; {hint}")
        self.position = position
        self.problem = problem
        self.hint = hint
