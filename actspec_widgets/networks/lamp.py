"""The network behind the lamp and its switches."""

from __future__ import annotations

import torch
from torch import nn

from ..datasets.switches import Switches


def lamp_network(known: Switches) -> nn.Sequential:
    """The network that makes the gates and the lamp of the switches; its layers are "linear", "relu" and "lamp".

    Examples
    --------
    >>> from actspec_widgets.datasets import load_switches
    >>> known = load_switches()
    >>> lamp = lamp_network(known)(torch.from_numpy(known.switches.copy()))
    >>> bool(abs(lamp[:, 0].detach().numpy() - known.lamp).max() < 1e-6)
    True
    """
    n_gates, n_switches = known.weights.shape
    gates, lamp = nn.Linear(n_switches, n_gates), nn.Linear(n_gates, 1, bias=False)
    with torch.no_grad():
        gates.weight.copy_(torch.tensor(known.weights))
        gates.bias.copy_(torch.tensor(known.bias))
        lamp.weight.copy_(torch.tensor(known.lamp_weights[None]))
    model = nn.Sequential()
    for name, module in (("linear", gates), ("relu", nn.ReLU()), ("lamp", lamp)):
        model.add_module(name, module)
    return model
