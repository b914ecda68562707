"""Erasing a person: each service takes the person out of its own tables, one after the other.

Groups begins, chat follows when it hears `groups.person.erased`, the notifier when it hears
`chat.person.erased`: whoever comes later has by then heard all that those before could still say of
the person. What is left of a person is a pseudonym, another one for each erasure, so that counts
and histories stay whole.

The log brings old facts back. So each service remembers whom it has erased and until when, by a
keyed hash, and takes the person out of facts from before that moment too, whenever they come.
"""
