"""Make the built-in example again: ``python -m actspec_widgets.networks.make_example [folder]``.

Trains the classifier from its seed, records it on the bundled digits, and writes both files: the same bytes
each time on the same machine and versions.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from ..datasets import binarise, checksums, load_mnist
from ..datasets.example import RECORDING, WEIGHTS
from ..files import replacing
from .digits_training import train_digits
from .recording import record

LAYER = "relu1"


def make_example(folder: str | Path, *, epochs: int = 15) -> None:
    """Write ``digits_classifier.safetensors`` and ``digits_recording.npz`` into ``folder``."""
    data = load_mnist()
    model = train_digits(seed=0, epochs=epochs, progress=None)
    model.save(Path(folder, WEIGHTS.name))
    pixels = binarise(np.concatenate([data.x_train, data.x_test]))
    hidden, logits = record(model, LAYER, pixels, output=lambda logits: logits)
    header = {"layer": LAYER, "settings": {**model.settings, **model.report}}
    text = np.frombuffer(json.dumps(header, sort_keys=True).encode(), np.uint8)
    with replacing(Path(folder, RECORDING.name)) as file:
        np.savez_compressed(file, header=text, hidden=hidden.astype(np.float16), logits=logits)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else WEIGHTS.parent
    make_example(target)
    checksums.write(target)
