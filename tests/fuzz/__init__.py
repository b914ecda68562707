"""What nobody would send in earnest: malformed events, tokens, cursors and requests.

Briefly, and always the same, in every test run; `make fuzz SECONDS=600` goes on for longer, each
time with others, and writes its figures into docs/security/fuzzing.md. Requests made up from the
contract are elsewhere: tests/scenarios/test_made_up_requests_break_nothing.py.
"""
