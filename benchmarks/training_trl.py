"""TRL's SFTTrainer on the order that benchmarks.training wrote; run by it, in an environment that has trl.

Prints tokens per CPU second of the training as its last line and saves the adapter beside the order.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer


def main() -> None:
    """Train as ordered."""
    folder = Path(sys.argv[1])
    order: dict[str, Any] = json.loads((folder / "order.json").read_text("utf-8"))
    torch.set_num_threads(1)
    rows = [
        {"input_ids": row["ids"], "completion_mask": [int(weight > 0) for weight in row["weights"]]}
        for row in order["rows"]
    ]
    model = AutoModelForCausalLM.from_pretrained(order["base"], dtype=torch.float32)
    wanted = SFTConfig(
        output_dir=str(folder / "trainer"),
        num_train_epochs=order["epochs"],
        per_device_train_batch_size=8,
        learning_rate=order["rate"],
        lr_scheduler_type="linear",
        warmup_steps=0.1,
        weight_decay=0.01,
        max_grad_norm=1.0,
        train_sampling_strategy="group_by_length",
        completion_only_loss=True,
        gradient_checkpointing=False,
        bf16=False,
        use_cpu=True,
        save_strategy="no",
        report_to=[],
        logging_strategy="no",
        disable_tqdm=True,
        seed=order["seed"],
        max_length=None,
    )
    config = LoraConfig(task_type="CAUSAL_LM", r=8, lora_alpha=16, lora_dropout=0.0, target_modules="all-linear")
    trainer = SFTTrainer(
        model=model,
        args=wanted,
        train_dataset=Dataset.from_list(rows),
        processing_class=AutoTokenizer.from_pretrained(order["base"]),
        peft_config=config,
    )
    begun = time.process_time()
    trainer.train()
    took = time.process_time() - begun
    trainer.model.save_pretrained(folder)
    print(sum(len(row["ids"]) for row in order["rows"]) * order["epochs"] / took)


if __name__ == "__main__":
    main()
