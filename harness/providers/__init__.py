"""Training and serving by others: OpenAI's fine-tuning jobs, Ollama's models. Keys come from the environment alone."""
