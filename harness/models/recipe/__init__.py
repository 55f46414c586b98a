"""The recipe of the embedded model: text generator, tokenizer, training and export.

Nothing here is imported by the rest of the product. It exists so that the shipped weights can be read about, repeated
and improved: `python -m harness.models.recipe.train --help`.
"""
