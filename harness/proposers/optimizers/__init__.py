"""Other optimizers as proposers: ``--proposer gepa:PROVIDER:MODEL`` and ``--proposer dspy:PROVIDER:MODEL``.

Each is asked for its proposals through its own API, from the dev cases as they were measured; whether one of them is an
improvement is then decided by our rules, like that of everybody. Their search is left out: it would run the app
hundreds of times to choose among candidates by a rule that keeps what chance made look good, and ``--compose`` builds
on the best candidate by one that does not. Loaded only where named: gepa and dspy are extras.
"""
