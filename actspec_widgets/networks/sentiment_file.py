"""A sentiment transformer as one ``.safetensors`` file: weights, and words and settings as one JSON text."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from .digits_file import write_whole

if TYPE_CHECKING:
    from .sentiment import SentimentTransformer

VERSION = 1
_KIND = "actspec_widgets.SentimentTransformer"
_KEY = "actspec_widgets"


def save(model: SentimentTransformer, path: str | os.PathLike[str], *, half: bool = False) -> None:
    """Write ``model`` to ``path``; a file already there is replaced only when the new one is whole.

    ``half`` rounds the weights to float16, for half of the bytes; :func:`load` reads either.
    """
    import safetensors.torch

    text = {
        "kind": _KIND,
        "version": VERSION,
        "settings": model.settings,
        "report": model.report,
        "vocabulary": model.vocabulary.entries,
    }
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    if half:
        weights = {name: tensor.half() for name, tensor in weights.items()}
    write_whole(Path(path), safetensors.torch.save(weights, metadata={_KEY: json.dumps(text, sort_keys=True)}))


def load(path: str | os.PathLike[str]) -> SentimentTransformer:
    """The transformer saved at ``path``."""
    import safetensors

    from .sentiment import SentimentTransformer

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no file {path}; give the path of a file written by SentimentTransformer.save"
        )
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            text = json.loads((file.metadata() or {}).get(_KEY, "null"))
            weights = {name: file.get_tensor(name) for name in file.keys()}
    except Exception as error:  # SafetensorError, and OSError where the file cannot be mapped
        raise _unreadable(path, error) from error
    if not isinstance(text, dict) or text.get("kind") != _KIND:
        raise ValueError(
            f"{path} is a safetensors file of another kind, not a sentiment transformer; give one written by "
            "SentimentTransformer.save"
        )
    if text.get("version") != VERSION:
        raise ValueError(
            f"{path} is of version {text.get('version')!r}, this release reads version {VERSION}; update "
            "actspec_widgets to open it"
        )
    try:
        model = SentimentTransformer(tuple(text["vocabulary"]), **text["settings"])
        model.load_state_dict(weights)
        model.report = dict(text["report"])
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise _unreadable(path, error) from error
    return model.eval()


def _unreadable(path, error):
    return ValueError(
        f"{path} cannot be read as a sentiment transformer ({type(error).__name__}): it is truncated, damaged or of "
        "another kind; save it again, or copy it again from its source"
    )
