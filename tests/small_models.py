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


class ResidualConv(nn.Module):
    """A residual network with in-place ReLUs, one module used three times."""

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
            self.norm, self.relu = nn.BatchNorm2d(4), nn.ReLU(inplace=True)

        def forward(self, x):
            out = self.two(self.relu(self.norm(self.one(x))))
            out += x
            return self.relu(out)

    def __init__(self):
        super().__init__()
        torch.manual_seed(7)
        self.stem = nn.Conv2d(1, 4, 3, padding=1)
        self.act = nn.ReLU(inplace=True)
        self.blocks = nn.ModuleList(self.Block() for _ in range(3))
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        x = self.act(self.stem(x))
        for block in self.blocks:
            x = self.act(block(x))
        return self.head(x.mean((2, 3)))


class Skipping(nn.Module):
    """A U-Net in small: what the first layer gives is read again at the end, with the input."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(8)
        self.down, self.pool = nn.Conv2d(1, 3, 3, padding=1), nn.MaxPool2d(2)
        self.deep = nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), nn.ReLU())
        self.up = nn.Conv2d(8, 2, 3, padding=1)

    def forward(self, x):
        first = self.down(x)
        deep = nn.functional.interpolate(self.deep(self.pool(first)), scale_factor=2)
        return (self.up(torch.cat([first, deep], 1)) + x).mean((2, 3))


class Encoder(nn.Module):
    """Padded sentences through three blocks, a mean over real tokens, and a probe; keywords as in transformers."""

    class Block(nn.Module):
        def __init__(self, causal):
            super().__init__()
            self.causal = causal
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
            self.up, self.act, self.down = nn.Linear(8, 12), nn.GELU(), nn.Linear(12, 8)
            self.norm, self.norm2 = nn.LayerNorm(8), nn.LayerNorm(8)

        def forward(self, x, padding):
            hidden = self.norm(x)
            later = nn.Transformer.generate_square_subsequent_mask(x.shape[1]).isinf() if self.causal else None
            x = x + self.attention(hidden, hidden, hidden, key_padding_mask=padding, attn_mask=later)[0]
            return x + self.down(self.act(self.up(self.norm2(x))))

    def __init__(self, causal=False):
        super().__init__()
        torch.manual_seed(9)
        self.causal = causal
        self.embed, self.places = nn.Embedding(11, 8), nn.Embedding(32, 8)
        self.blocks = nn.ModuleList(self.Block(causal) for _ in range(3))
        self.head = nn.Linear(8, 11 if causal else 3)

    def forward(self, input_ids, attention_mask=None):
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        x = self.embed(input_ids) + self.places(torch.arange(input_ids.shape[1]))
        for block in self.blocks:
            x = block(x, attention_mask == 0)
        if self.causal:
            return {"logits": self.head(x)}
        real = attention_mask[:, :, None].to(x.dtype)
        return {"logits": self.head((x * real).sum(1) / real.sum(1))}


def sentences(m, longest, seed=0, padded=None):
    """Token ids of different lengths and their mask, padded on the right to ``padded`` tokens."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, longest + 1, (m,), generator=generator)
    ids = torch.randint(1, 11, (m, padded or longest), generator=generator)
    mask = (torch.arange(padded or longest)[None] < lengths[:, None]).long()
    return {"input_ids": ids * mask, "attention_mask": mask}


class LastState(nn.Module):
    """Reads the last state of its recurrent layer and not the outputs that a hook replaces."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(10)
        self.lstm, self.head = nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 2)

    def forward(self, x):
        _, (state, _) = self.lstm(x)
        return self.head(state[-1])
