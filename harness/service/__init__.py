"""HTTP doors: the models that run here, for any client that speaks OpenAI's protocol. Needs the extra ``service``."""
