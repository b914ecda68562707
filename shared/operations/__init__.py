"""What an operator may ask of a service that consumes events: `python -m services.<service> …`.

`replay` hands events of the log to the service's own handler again; `parked` works on what it
could not handle. Both run beside the service, with its environment and its broker user.
"""
