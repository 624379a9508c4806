"""The rest of a network with units taken from other samples, by running the whole model; it imports nothing of ours."""

import torch


def layer_output(model, module, batch, replacement=None):
    """What a module gives in one pass, and what the model returns when ``replacement(out)`` takes its place."""
    seen = []

    def hook(_, args, out):
        first = out[0] if isinstance(out, tuple) else out
        seen.append(first.clone())
        if replacement is None:
            return None
        new = replacement(first)
        return (new, *out[1:]) if isinstance(out, tuple) else new

    handle = module.register_forward_hook(hook)
    was = model.training
    model.eval()
    try:
        with torch.no_grad():
            result = model(**batch) if isinstance(batch, dict) else model(batch)
    finally:
        handle.remove()
        model.train(was)
    return seen[0], result


def rows_of(inputs, rows):
    return {k: v[rows] for k, v in inputs.items()} if isinstance(inputs, dict) else inputs[rows]


def resampled(model, module, inputs, base, donors, unit_axis=-1, mask=None):
    """What the model returns for samples ``base`` when each unit comes, at every real position, from its donor.

    ``unit_axis`` is -1 (samples, positions, units) or 1 (samples, units, positions...).
    """
    out, _ = layer_output(model, module, inputs)
    m = len(out)
    folded = out.movedim(unit_axis, -1).reshape(m, -1, out.shape[unit_axis])
    positions = folded.shape[1]
    real = torch.ones(m, positions, dtype=torch.bool) if mask is None else mask.bool()

    def replace(now):
        new = now.clone().movedim(unit_axis, -1).reshape(len(now), -1, now.shape[unit_axis])
        for row, (b, givers) in enumerate(zip(base.tolist(), donors.tolist(), strict=True)):
            for unit, giver in enumerate(givers):
                if giver < 0:
                    continue
                theirs = [p for p in range(positions) if real[giver, p]]
                for j, p in enumerate(p for p in range(positions) if real[b, p]):
                    new[row, p, unit] = folded[giver, theirs[j], unit]
        moved = torch.empty_like(now).movedim(unit_axis, -1)
        back = new.reshape(moved.shape).movedim(-1, unit_axis)
        return torch.empty_like(now).copy_(back)

    return layer_output(model, module, rows_of(inputs, base), replace)[1]


def with_absent_units(model, module, inputs, base, shown, absent, unit_axis=-1, mask=None):
    """What the model returns for one sample where units that are not ``shown`` have a number, or their mean.

    The mean is over all samples, at the j-th real position of those that have one.
    """
    out, _ = layer_output(model, module, inputs)
    rows = out.movedim(1, -1) if unit_axis == 1 and out.ndim > 2 else out
    rows = rows.reshape(len(rows), -1, rows.shape[-1])
    lengths = [rows.shape[1]] * len(rows) if mask is None else mask.sum(1).tolist()
    own = rows[base].clone()
    for position in range(lengths[base]):
        there = [rows[i, position].double() for i in range(len(rows)) if lengths[i] > position]
        level = torch.stack(there).mean(0).to(own.dtype) if absent == "mean" else torch.full_like(own[0], absent)
        own[position] = torch.where(torch.from_numpy(shown), own[position], level)

    def replacement(got):
        if unit_axis == 1 and got.ndim > 2:
            return own.T.reshape(1, own.shape[1], *got.shape[2:])
        return own.reshape(got.shape)

    return layer_output(model, module, rows_of(inputs, [base]), replacement)[1]
