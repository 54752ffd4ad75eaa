"""The error of a command whose arguments do not make sense together."""


class UsageError(Exception):
    """Wrong arguments; the message says which and what would be right."""
