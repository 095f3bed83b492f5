"""Hashes of bytes that are the same on every machine and in every run: what puts a term into a bucket.

`fingerprint` is FarmHash's Fingerprint64 (Pike & Alakuijala, Google, 2014), `siphash` is SipHash-2-4 (Aumasson &
Bernstein, *SipHash: a fast short-input PRF*, 2012): those that Keras's buckets come from.
"""

from collections.abc import Iterable

K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
MURMUR, CROSSING = 0xC6A4A7935BD1E995, 0xDECAFCAFFE  # its factor, and what a crossing begins with
MASK = (1 << 64) - 1  # numbers are taken modulo 2⁶⁴


def fingerprint(data: bytes) -> int:
    """The 64-bit FarmHash fingerprint.

    >>> fingerprint(b"") == K2
    True
    """
    size = len(data)
    if size <= 16:
        return _up_to_16(data, size)
    if size <= 32:
        return _up_to_32(data, size)
    if size <= 64:
        return _up_to_64(data, size)
    return _longer(data, size)


def crossed(terms: Iterable[str | int]) -> int:
    """The hash of several strings and whole numbers in their order: TensorFlow's of a crossed feature.

    Each term's fingerprint, or the number itself, is stirred into what came before, by the finish of MurmurHash2.

    >>> crossed(["A", 101]) % 5
    1
    """
    found = CROSSING
    for term in terms:
        value = fingerprint(term.encode()) if isinstance(term, str) else int(term) & MASK
        found = (found ^ MURMUR ^ (_mix(value * MURMUR) * MURMUR & MASK)) * MURMUR & MASK
        found = _mix(_mix(found) * MURMUR)
    return found


def siphash(data: bytes, key: tuple[int, int]) -> int:
    """The 64-bit SipHash-2-4 under a key of two numbers.

    >>> siphash(b"", (0, 0)) == 0x1E924B9D737700D7
    True
    """
    k0, k1 = key[0] & MASK, key[1] & MASK
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    tail = len(data) % 8
    padded = data + bytes(7 - tail) + bytes([len(data) & 0xFF])
    for start in range(0, len(padded), 8):
        word = _word(padded, start)
        v[3] ^= word
        _sip_round(v)
        _sip_round(v)
        v[0] ^= word
    v[2] ^= 0xFF
    for _ in range(4):
        _sip_round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _sip_round(v: list[int]) -> None:
    # both halves of a round do the same, but with other words
    for a, b, c, d, first, second in ((0, 1, 2, 3, 13, 16), (2, 1, 0, 3, 17, 21)):
        v[a] = (v[a] + v[b]) & MASK
        v[b] = _turn(v[b], 64 - first) ^ v[a]
        v[a] = _turn(v[a], 32)
        v[c] = (v[c] + v[d]) & MASK
        v[d] = _turn(v[d], 64 - second) ^ v[c]


def bucket(term: str | int, count: int, salt: tuple[int, int] | None = None) -> int:
    """Which of `count` buckets a term falls into: by its fingerprint, or with a salt by SipHash.

    >>> bucket("cat", 3), bucket(7, 3)
    (2, 1)
    """
    data = str(term).encode()
    return (fingerprint(data) if salt is None else siphash(data, salt)) % count


def _word(data: bytes, start: int, size: int = 8) -> int:
    return int.from_bytes(data[start : start + size], "little")


def _turn(x: int, places: int) -> int:
    """x turned right by so many bits."""
    x &= MASK
    return (x >> places | x << (64 - places)) & MASK


def _mix(x: int) -> int:
    x &= MASK
    return x ^ (x >> 47)


def _join(u: int, v: int, factor: int) -> int:
    a = _mix(((u ^ v) & MASK) * factor)
    return _mix(((v ^ a) & MASK) * factor) * factor & MASK


def _up_to_16(data: bytes, size: int) -> int:
    factor = K2 + 2 * size
    if size >= 8:
        a, b = _word(data, 0) + K2, _word(data, size - 8)
        return _join(_turn(b, 37) * factor + a, (_turn(a, 25) + b) * factor, factor)
    if size >= 4:
        return _join(size + (_word(data, 0, 4) << 3), _word(data, size - 4, 4), factor)
    if size:
        y = data[0] + (data[size >> 1] << 8)
        z = size + (data[-1] << 2)
        return _mix((y * K2 ^ z * K0) & MASK) * K2 & MASK
    return K2


def _halves(data: bytes, size: int, first: int) -> tuple[int, int, int]:
    """What texts of 17 to 64 bytes begin with."""
    factor = K2 + 2 * size
    a, b = _word(data, 0) * first, _word(data, 8)
    c, d = _word(data, size - 8) * factor, _word(data, size - 16) * K2
    return a, _turn(a + b, 43) + _turn(c, 30) + d, a + _turn(b + K2, 18) + c


def _up_to_32(data: bytes, size: int) -> int:
    _, u, v = _halves(data, size, K1)
    return _join(u, v, K2 + 2 * size)


def _up_to_64(data: bytes, size: int) -> int:
    factor = K2 + 2 * size
    a, y, v = _halves(data, size, K2)
    z = _join(y, v, factor)
    e, f = _word(data, 16) * factor, _word(data, 24)
    g, h = (y + _word(data, size - 32)) * factor, (z + _word(data, size - 24)) * factor
    return _join(_turn(e + f, 43) + _turn(g, 30) + h, e + _turn(f + a, 18) + g, factor)


def _weak(data: bytes, start: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = (_word(data, start + 8 * i) for i in range(4))
    a += w
    b = _turn(b + a + z, 21)
    c = a
    a += x + y
    b += _turn(a, 44)
    return (a + z) & MASK, (b + c) & MASK


def _longer(data: bytes, size: int) -> int:
    x, y = 81, 81 * K1 + 113
    z = _mix(y * K2 + 113) * K2 & MASK
    v, w = (0, 0), (0, 0)
    x = x * K2 + _word(data, 0)
    for start in range(0, (size - 1) // 64 * 64, 64):
        x, y, z, v, w = _stir(data, start, x, y, z, v, w, K1, 1)
    factor = K1 + ((z & 0xFF) << 1)
    first = w[0] + ((size - 1) & 63)
    v = (v[0] + first, v[1])
    w = (first + v[0], w[1])
    x, y, z, v, w = _stir(data, size - 64, x, y, z, v, w, factor, 9)
    return _join(
        _join(v[0], w[0], factor) + _mix(y) * K0 + z,
        _join(v[1], w[1], factor) + x,
        factor,
    )


def _stir(data, start, x, y, z, v, w, factor, times):
    x = _turn(x + y + v[0] + _word(data, start + 8), 37) * factor & MASK
    y = _turn(y + v[1] + _word(data, start + 48), 42) * factor & MASK
    x ^= w[1] * times & MASK
    y += v[0] * times + _word(data, start + 40)
    z = _turn(z + w[0], 33) * factor
    v = _weak(data, start, v[1] * factor, x + w[0])
    w = _weak(data, start + 32, z + w[1], y + _word(data, start + 16))
    return z & MASK, y & MASK, x & MASK, v, w
