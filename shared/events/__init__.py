"""The published facts: what happened, in a form that a stranger can read in a year.

`envelope` wraps a fact in CloudEvents 1.0; `registry` knows every published type; `groups`, `chat`
and `notifier` hold the facts, each owned by the team that publishes it. A published version is
frozen: an optional field with a default may join it, anything else is a new version beside it.
"""
