"""Apps of strangers tuned end to end against a loopback stand-in for their model provider.

    python -m benchmarks.wild --app email --checkout PATH [--port 8931] [--serve]

PATH is a clone of the repository that the app's file in ``wild_apps`` names, with the packages named there installed
into its ``.venv``. The run happens in a fresh clone below PATH/../wild-NAME. The stand-in answers by rules, so that a
better prompt scores better; nothing of the app is edited or replaced but its environment variables.
"""
