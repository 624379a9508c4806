"""Networks of every kind that people record, small enough for tests."""

import torch
from torch import nn


def mlp():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 3))


class Conv(nn.Module):
    """Convolution, batch norm, in-place ReLU; 8x8 images to three logits."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.features = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True))
        self.head = nn.Linear(4 * 6 * 6, 3)

    def forward(self, x):
        return self.head(self.features(x).flatten(1))


class Text(nn.Module):
    """Token ids through one transformer block to three logits."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.embed = nn.Embedding(11, 8)
        self.block = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.3, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, tokens, scale=None):
        hidden = self.block(self.embed(tokens)).mean(1)
        return {"logits": self.head(hidden if scale is None else hidden * scale[:, None])}


class Recurrent(nn.Module):
    def __init__(self, batch_first=True):
        super().__init__()
        torch.manual_seed(4)
        self.batch_first = batch_first
        self.lstm = nn.LSTM(3, 4, batch_first=batch_first)
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        out, _ = self.lstm(x if self.batch_first else x.movedim(0, 1))
        return self.head(out[:, -1] if self.batch_first else out[-1])


class Residual(nn.Module):
    """y = w . layer(x) + v . x: the second term bypasses the layer."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(5)
        self.layer = nn.Linear(3, 4)
        self.out = nn.Linear(4, 2)
        self.bypass = nn.Linear(3, 2)

    def forward(self, x):
        return self.out(self.layer(x)) + self.bypass(x)


class Awkward(nn.Module):
    """A layer that is used twice, one that is never called, one that fails on demand."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(6)
        self.twice = nn.Linear(3, 3)
        self.never = nn.Linear(3, 3)
        self.relu = nn.ReLU()
        self.frozen = nn.Dropout(0.5).eval()
        self.fail_at = None
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        out = self.frozen(self.relu(self.twice(self.twice(x))))
        if self.calls == self.fail_at:
            raise RuntimeError("the model itself failed")
        return out
