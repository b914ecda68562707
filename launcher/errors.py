"""The one kind of failure that the launcher reports."""


class LaunchError(Exception):
    """Something a person has to put right. The text is one line: the cause, then the remedy."""
