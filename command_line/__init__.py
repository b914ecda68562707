"""The `circles` command line: what people do with Circles from a terminal.

Built on `clients/python`, as any other program outside would be: it knows no service. The commands
that start and operate a system come from `launcher`.
"""
