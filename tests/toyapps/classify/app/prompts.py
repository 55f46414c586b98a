"""The prompts, weak on purpose."""

CLASSIFY = """You sort messages of customers.
Say what the message is about."""

REPLY = "Message: {ticket}\nAnswer in one sentence."
