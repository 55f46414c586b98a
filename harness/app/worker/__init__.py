"""What runs inside the target's interpreter: it starts the user's app, runs it on cases and records its model calls.

Nothing here imports from the house outside this folder, which is loaded under the private name ``_harness_worker`` so
that no module of the user's can collide with it. It knows nothing of goals, metrics, git or the journal.
Python 3.10 is enough, because the interpreter is the user's and not ours.
"""
