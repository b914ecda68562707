"""Faults on purpose: a whole system under traffic, something breaks, and every promise is counted.

    make faults               every scenario, and docs/reliability.md anew
    make faults QUICK=1       the short form, some two minutes; writes under .circles only
    make faults ONLY=kill     scenarios whose names have one of these words
    make faults RUNS=20       every scenario so often, in whole passes; also with ONLY
    make faults MINUTES=30    scenarios in random order for that long
    make faults SOURCE=/copy  services from another source tree: a mutant must be found out

`scenarios.py` lists what breaks, as data; `faults.py` has the ways to break things; `traffic.py`,
`senders.py` and `readers.py` are the clients, who count for themselves what they were promised;
`reconcile.py` compares that with every table. A scenario fails when a promise was broken, when it
took too long to come back, and also when the fault did not bite.
"""
