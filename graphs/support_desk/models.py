"""The chat models of the support desk.

SUPPORT_DESK_MODEL names any chat model, such as "openai:gpt-4o-mini"; without it a small one runs on this machine.
"""

import os

from harness.models import init_chat_model

MODEL = os.environ.get("SUPPORT_DESK_MODEL", "embedded")

classifier = init_chat_model(MODEL, temperature=0.7, max_tokens=64)
router = init_chat_model(MODEL, temperature=0.2, max_tokens=64)
