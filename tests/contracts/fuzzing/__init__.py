"""Requests that a machine makes up from the contract, against the whole system."""
