"""Turn a run folder of `train` into the shipped artefacts: config, bf16 weights, tokenizer, chat template.

python -m harness.models.recipe.export --run work/run1 --out harness/models/embedded
"""

import argparse
import json
from pathlib import Path

from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import GenerationConfig

from harness.models.recipe.network import build
from harness.models.recipe.tokenizer import save_tokenizer


def export(run: Path, out: Path) -> int:
    """Write the artefacts and return their size in bytes."""
    tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
    model = build(tokenizer.get_vocab_size())
    tensors = load_file(run / "state.safetensors")
    weights = {name.removeprefix("model."): value for name, value in tensors.items() if name.startswith("model.")}
    missing, unexpected = model.load_state_dict(weights, strict=False)
    if unexpected or set(missing) - {"lm_head.weight"}:
        raise ValueError(f"{run}: weights do not fit the network: missing {missing}, unexpected {unexpected}")
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        pad_token_id=0, bos_token_id=1, eos_token_id=2, max_new_tokens=64, do_sample=False
    )
    model.bfloat16().save_pretrained(out)
    save_tokenizer(tokenizer, out)
    return sum(file.stat().st_size for file in out.iterdir() if file.is_file())


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True, help="folder written by train")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    size = export(arguments.run, arguments.out)
    progress = json.loads((arguments.run / "progress.json").read_text())
    print(
        f"{size / 1e6:.2f} MB after {progress['seconds'] / 60:.0f} minutes and {progress['tokens'] / 1e6:.1f}M tokens"
    )


if __name__ == "__main__":
    main()
