"""Other systems that do the same work on the same machine in the same run.

Peers of the live fan-out keep nothing: a message that nobody reads is gone ("memory"). Peers of the
durable path store each message before they tell of it. What can't be installed is skipped, with a
line that says why.
"""
