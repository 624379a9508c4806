"""Make a sparse dictionary of the sentence encoder: ``python -m actspec_widgets.networks.make_dictionary [folder]``.

The environment variable ACTSPEC_REVIEWS names the file of rated sentences, which the encoder reads. The hidden states
of their tokens after its fourth block (of six) are the rows that a TopK dictionary is fitted to: 1,536 latents of which
16 are kept (some minutes on one core). The file that it writes, of 4.7 MB, is read by ``TopK.load``; the dictionary is
then the ``dictionary=`` of ``record`` and ``SubNetwork``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ..datasets.reviews import load_reviews
from .encoder import SentenceEncoder, sentence_encoder
from .recording import record
from .topk import TopK, train_topk

LAYER = "encoder.encoder.layer.3.output"
LATENTS, KEPT, EPOCHS = 1536, 16, 13
SENTENCES = 3000
FILE = "encoder_dictionary.safetensors"


def make_dictionary(
    encoder: SentenceEncoder,
    texts: Sequence[str],
    *,
    layer: str = LAYER,
    latents: int = LATENTS,
    kept: int = KEPT,
    epochs: int = EPOCHS,
    seed: int = 0,
) -> TopK:
    """Fit a TopK dictionary to what a layer gives at every real token of some sentences.

    Parameters
    ----------
    encoder : SentenceEncoder
    texts : sequence of str
    layer : str
    latents, kept, epochs, seed : int
        Of :func:`train_topk`, there ``k`` for ``kept``.

    Returns
    -------
    TopK
        Its ``report`` says of what it was made, and ``explained``, the share of the tokens' variance that is kept.
    """
    batches, _ = encoder.batches(texts)
    rows = record(encoder, layer, batches, output=0, per="position").activations
    model, explained = train_topk(rows, latents=latents, k=kept, epochs=epochs, seed=seed)
    model.report = {"layer": layer, "epochs": epochs, "seed": seed, "tokens": len(rows), "explained": explained}
    return model


def main(folder: str | Path) -> Path:
    """Write the dictionary into a folder."""
    texts = load_reviews().part("train").texts[:SENTENCES]
    target = Path(folder, FILE)
    made = make_dictionary(sentence_encoder(), texts)
    made.save(target)
    print(f"{target}: {made.report['explained']:.1%} of the variance of {made.report['tokens']:,} tokens is kept")
    return target


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".")
