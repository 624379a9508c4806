"""Walsh-Hadamard butterflies on explicit vectors.

LLVM's loop vectoriser gives up on a radix-8 butterfly (too many pointers that may alias), which costs a factor
of four; so the loads, adds and shuffles of one butterfly are written out here and the loops stay in Python.
Stages always run from bit 0 upwards and every sum has two terms: the result is the same, bit for bit, for any
vector width and any split into chunks.
"""

from __future__ import annotations

import numpy as np
from numba import config, types
from numba.extending import intrinsic

from ..kernels import kernel

_HEAD = 8  # vectors in a first butterfly: with eight, 256-bit machines spill no registers
_CACHED = 1 << 15  # bytes transformed while they stay in the first-level cache
_COLUMNS = 1 << 12  # bytes of each of 64 rows: together they stay in the second-level cache

if config.DISABLE_JIT:  # type: ignore[attr-defined]

    def data_address(array):
        """Where the first byte lies in memory."""
        return array.ctypes.data

    def _join(low, high):
        with np.errstate(invalid="ignore"):  # the caller tells of infinities in its own words
            low[...], high[...] = low + high, low - high

    def transform_block(source, out, scale):
        """``out[S] = scale * sum over x of source[x] chi_S(x)`` for a power of two of points."""
        np.multiply(source, out.dtype.type(scale), out=out)
        stride = 1
        while stride < out.size:
            pairs = out.reshape(-1, 2, stride)
            _join(pairs[:, 0], pairs[:, 1])
            stride *= 2

    def _join_all(table, first, stop, stride, count):
        columns = [table[first + k * stride : stop + k * stride] for k in range(count)]
        step = 1
        while step < count:
            for k in range(count):
                if not k & step:
                    _join(columns[k], columns[k + step])
            step *= 2

    def join_eight(table, first, stop, stride):
        """Columns ``first`` to ``stop`` of the three stages that join eight transforms, ``stride`` points apart."""
        _join_all(table, first, stop, stride, 8)

    def join_columns(table, first, stop, stride):
        """Columns ``first`` to ``stop`` of the six stages that join 64 transforms, ``stride`` points apart."""
        _join_all(table, first, stop, stride, 64)

else:
    from llvmlite import ir

    def _vector(context, array):
        """The vector type for one array: as wide as the registers of the CPU that is compiled for."""
        features = context.codegen().magic_tuple()[2]
        width = 512 if "+avx512f" in features else 256 if "+avx" in features else 128
        return ir.VectorType(context.get_value_type(array.dtype), width // array.dtype.bitwidth)

    def _address(context, builder, array, value, index, vector):
        data = context.make_array(array)(context, builder, value).data
        return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())

    def _load(builder, address, array):
        value = builder.load(address)
        value.align = array.dtype.bitwidth // 8
        return value

    def _store(builder, value, address, array):
        builder.store(value, address).align = array.dtype.bitwidth // 8

    def _across(builder, vectors):
        """Sums and differences between vectors, lowest bit of their number first."""
        step = 1
        while step < len(vectors):
            for i in range(len(vectors)):
                if not i & step:
                    low, high = vectors[i], vectors[i + step]
                    vectors[i], vectors[i + step] = builder.fadd(low, high), builder.fsub(low, high)
            step *= 2
        return vectors

    def _inside(builder, value, vector):
        """Sums and differences between the lanes of one vector: one shuffle and one multiply-add a stage."""
        step = 1
        while step < vector.count:
            lanes = range(vector.count)
            partners = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [i ^ step for i in lanes])
            signs = ir.Constant(vector, [-1.0 if i & step else 1.0 for i in lanes])
            partner = builder.shuffle_vector(value, ir.Constant(vector, ir.Undefined), partners)
            # times -1 or +1 is exact, so fusing it into the sum (where the CPU can) changes no bit
            signed = builder.fmul(value, signs, flags=("contract",))
            value = builder.fadd(partner, signed, flags=("contract",))
            step *= 2
        return value

    @intrinsic
    def _lanes(_, array):
        """Numbers in one vector."""

        def generate(context, builder, signature, arguments):
            return context.get_constant(types.int64, _vector(context, array).count)

        return types.int64(array), generate

    @intrinsic
    def _head(_, source, out, at, scale):
        """Scale ``_HEAD`` vectors of ``source`` and transform them into the same place of ``out``."""

        def generate(context, builder, signature, arguments):
            source_value, out_value, index, factor = arguments
            vector = _vector(context, out)
            factor = context.cast(builder, factor, types.float64, out.dtype)
            undefined, zero = ir.Constant(vector, ir.Undefined), ir.Constant(ir.IntType(32), 0)
            everywhere = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
            factors = builder.shuffle_vector(builder.insert_element(undefined, factor, zero), undefined, everywhere)
            places = [builder.add(index, ir.Constant(index.type, k * vector.count)) for k in range(_HEAD)]
            vectors = []
            for place in places:
                address = _address(context, builder, source, source_value, place, vector)
                scaled = builder.fmul(_load(builder, address, source), factors)
                vectors.append(_inside(builder, scaled, vector))
            for place, value in zip(places, _across(builder, vectors), strict=True):
                _store(builder, value, _address(context, builder, out, out_value, place, vector), out)
            return context.get_dummy_value()

        return types.void(source, out, types.int64, types.float64), generate

    @intrinsic(prefer_literal=True)
    def _butterfly(_, table, at, stride, bits):
        """In place: ``bits`` stages on the ``2**bits`` vectors that start at ``at``, ``stride`` numbers apart."""
        if not isinstance(bits, types.IntegerLiteral):
            return None
        count = 1 << bits.literal_value

        def generate(context, builder, signature, arguments):
            table_value, index, step, _ = arguments
            vector = _vector(context, table)
            addresses = []
            for _ in range(count):
                addresses.append(_address(context, builder, table, table_value, index, vector))
                index = builder.add(index, step)
            vectors = _across(builder, [_load(builder, address, table) for address in addresses])
            for value, address in zip(vectors, addresses, strict=True):
                _store(builder, value, address, table)
            return context.get_dummy_value()

        return types.void(table, types.int64, types.int64, bits), generate

    @intrinsic
    def _data(_, array):
        def generate(context, builder, signature, arguments):
            pointer = context.make_array(array)(context, builder, arguments[0]).data
            return builder.ptrtoint(pointer, context.get_value_type(types.int64))

        return types.int64(array), generate

    @kernel
    def data_address(array):
        """Where the first byte lies in memory; numpy's own ways to ask take longer than a small transform."""
        return _data(array)

    @kernel
    def _few_points(source, out, scale):
        """A transform shorter than two first butterflies and a stage, one number at a time."""
        for i in range(out.size):
            out[i] = source[i] * scale
        stride = 1
        while stride < out.size:
            for base in range(0, out.size, 2 * stride):
                for i in range(base, base + stride):
                    low, high = out[i], out[i + stride]
                    out[i], out[i + stride] = low + high, low - high
            stride *= 2

    @kernel
    def join_eight(table, first, stop, stride):
        """Columns ``first`` to ``stop`` of the three stages that join eight transforms, ``stride`` points apart."""
        for at in range(first, stop, _lanes(table)):
            _butterfly(table, at, stride, 3)

    @kernel
    def join_columns(table, first, stop, stride):
        """Columns ``first`` to ``stop`` of the six stages that join 64 transforms, ``stride`` points apart.

        Six stages for one pass over memory: a few columns at a time stay in cache between the two times three.
        """
        width = max(_COLUMNS // table.itemsize, _lanes(table))
        for start in range(first, stop, width):
            end = min(start + width, stop)
            for k in range(8):
                join_eight(table, start + 8 * k * stride, end + 8 * k * stride, stride)
            for k in range(8):
                join_eight(table, start + k * stride, end + k * stride, 8 * stride)

    @kernel
    def transform_block(source, out, scale):
        """``out[S] = scale * sum over x of source[x] chi_S(x)`` for a power of two of points.

        ``source`` may be ``out``. Depth first: as soon as eight neighbouring blocks are done they are joined,
        while they are still in the nearest cache that holds them.
        """
        lanes = _lanes(out)
        head = _HEAD * lanes
        if out.size < 4 * head:
            _few_points(source, out, scale)
            return
        bits = 0
        while head << bits < out.size:
            bits += 1
        # The stages beyond this one have radix 8; more than eight rows that far apart meet in one cache set.
        first = 2 + (bits - 2) % 3
        block = head << first
        while 8 * block <= min(out.size, _CACHED // out.itemsize):
            block *= 8
        for start in range(0, out.size, block):
            stop = start + block
            for at in range(start, stop, head):
                _head(source, out, at, scale)
            for base in range(start, stop, head << first):
                if first == 2:
                    for at in range(base, base + head, lanes):
                        _butterfly(out, at, head, 2)
                elif first == 3:
                    for at in range(base, base + head, lanes):
                        _butterfly(out, at, head, 3)
                else:
                    for at in range(base, base + head, lanes):
                        _butterfly(out, at, head, 4)
            stride = head << first
            while 8 * stride <= out.size and stop % (8 * stride) == 0:
                for base in range(min(start, stop - 8 * stride), stop, 8 * stride):
                    join_eight(out, base, base + stride, stride)
                stride *= 8
