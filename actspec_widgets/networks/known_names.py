"""Names that other libraries give to places in a transformer, found in any model whose blocks lie in one list."""

from __future__ import annotations

import re

from torch import nn

_BLOCK = re.compile(r"^(?:blocks\.(\d+)|layers\[(\d+)\])(?:\.(.+))?$")
_MLP = ("mlp", "feed_forward", "ffn", "ff", "DenseReluDense")
_ATTENTION = ("attn", "self_attn", "attention", "self_attention", "SelfAttention")
# What is meant inside a block: its part, and which side of it. TransformerLens' hooks, then nnterp's names.
_PLACES = {
    "hook_resid_pre": ("block", "input"),
    "hook_resid_post": ("block", "output"),
    "hook_mlp_out": ("mlp", "output"),
    "hook_attn_out": ("attention", "output"),
    "mlp.hook_post": ("mlp's last map", "input"),
    "attn.hook_z": ("attention's last map", "input"),
    None: ("block", "output"),
    "mlp": ("mlp", "output"),
    "self_attn": ("attention", "output"),
}


def place_of(model: nn.Module, name: str) -> tuple[nn.Module, str] | None:
    """The module and its side that a name means, None where the name is no such name or may mean several places.

    ``blocks.1.mlp.hook_post``, ``attn.hook_z`` (heads side by side), ``hook_mlp_out``, ``hook_attn_out``,
    ``hook_resid_pre`` and ``hook_resid_post`` as TransformerLens writes them; ``layers[1]``, ``layers[1].mlp`` and
    ``layers[1].self_attn`` as nnterp does.
    """
    match = _BLOCK.match(name)
    if match is None or match[3] not in _PLACES:
        return None
    lists = [m for m in model.modules() if isinstance(m, (nn.ModuleList, nn.Sequential)) and _are_blocks(m)]
    number = int(match[1] or match[2])
    if len(lists) != 1 or number >= len(lists[0]):
        return None
    part, side = _PLACES[match[3]]
    module = _part(lists[0][number], part)
    return None if module is None else (module, side)


def _are_blocks(modules: nn.Module) -> bool:
    """Whether these are the blocks of a transformer: alike, each with an attention."""
    blocks = list(modules.children())
    return len({type(block) for block in blocks}) == 1 and all(_part(b, "attention") is not None for b in blocks)


def _part(block: nn.Module, part: str) -> nn.Module | None:
    if part == "block":
        return block
    wanted = _ATTENTION if part.startswith("attention") else _MLP
    found = next((module for name, module in block.named_modules() if name.split(".")[-1] in wanted), None)
    if found is None and wanted is _MLP:
        found = getattr(block, "output", None)  # BERT has no module around its two maps
    if found is None:
        return None
    # BERT's parts add what goes around them and normalise: what the part itself gives is that of its last map.
    adds = any(name.split(".")[-1] == "LayerNorm" for name, _ in found.named_modules())
    if not adds and not part.endswith("last map"):
        return found
    # The class that GPT-2 uses for a linear map is its library's own.
    maps = [m for m in found.modules() if isinstance(m, nn.Linear) or type(m).__name__ == "Conv1D"]
    return maps[-1] if maps else None
