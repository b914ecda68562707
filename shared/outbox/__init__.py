"""The transactional outbox: a fact is recorded in the transaction of the change it tells of, and a
relay publishes it afterwards, in the order of commits per group, until the broker has confirmed it.

A crash between the two publishes a fact again, never loses it: readers deduplicate by event id.
"""
