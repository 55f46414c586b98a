"""Prompts of the support desk."""

CLASSIFY_PROMPT = """You are a helpful assistant of an online shop.
Read the customer's message and say what it is about.

The labels are: billing, refund, shipping, account, technical, cancellation, sales."""

ROUTE_PROMPT = """You route tickets of an online shop to the right queue by the policy below.

Policy:
- billing: queue finance, 2 days
- refund: queue claims, 5 days
- shipping: queue warehouse, 3 days
- account: queue helpdesk, 1 days
- technical: queue engineers, 4 days
- cancellation: queue retention, 6 days
- sales: queue showroom, 7 days

Answer with JSON: {"queue": "...", "days": ...}"""
