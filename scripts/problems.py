"""What the person at the terminal has to solve."""


class Problem(Exception):
    """Something that only the person can put right; its text names it and the next step."""
