"""Training a model on labelled examples: five methods behind one protocol, one loop, jobs that outlive the terminal.

What a job leaves is a folder that stands by itself, ``.harness/training/<job>/result``:

- method lora, qlora, prefix: the PEFT layout, ``adapter_config.json`` and ``adapter_model.safetensors``;
- method adapter: the same two names, ``peft_type`` "BOTTLENECK" (ours, see ``methods/adapter.py``);
- method full: a whole model folder like the base, ``config.json``, ``model.safetensors``, tokenizer, chat template;
- always ``harness-training.json``: base, method, parameters, digest of the data, metrics (``manifest.py``).

``serving.load`` makes a network of such a folder. Weights are safetensors only, and no code of a model folder is run.
Importing this package, its parameters, examples and jobs loads neither torch nor transformers nor peft. It knows no
runs and no cases: ``harness.lessons`` makes examples of those.
"""
