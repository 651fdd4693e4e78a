# SPDX-License-Identifier: MIT
"""The seeds of fuzz_child: changes to what is said of a good file, as fuzz_child.c has them."""
import struct

HEAD = 255
DOUBLE, INTEGER, BYTE, BYTES = range(4)
# struct report_session up to its hills, and those: all of eight bytes but the first
FIELDS = range(0, 360, 8)
REASON, MAKER, PRODUCT, COUNTS = 8, 168, 216, 264


def change(part, at, kind, which, data=b""):
    return bytes([part]) + struct.pack("<H", at) + bytes([kind, which]) + data


def text(at, data):
    return b"".join(change(HEAD, at + i, BYTE, byte) for i, byte in enumerate(data))


def child(rng):
    for way in (0, 1):
        for n in (0, 1, 3):
            yield bytes([n << 1 | way])
    for zone in (0x20, 0x40):
        for at in (8, 16):  # start and end
            yield bytes([zone | 2]) + change(0, at, INTEGER, 5) + change(0, 24 - at, INTEGER, 5)
            yield bytes([zone | 2]) + change(0, 8, INTEGER, 5) + change(0, at, INTEGER, 6 if at == 16 else 5)
    for at in FIELDS:
        for which in range(10):
            yield bytes([2]) + change(0, at, DOUBLE, which)
        yield bytes([4]) + change(1, at, INTEGER, rng.randrange(6))
    for at in range(0, 24, 4):
        for which in range(6):
            yield bytes([rng.randrange(2) | 2]) + change(HEAD, at, INTEGER | 4, which)
    for data in (b"\xc2\x85", b"\xe2\x80\xae", b"a\x1b[31m", b"\xff", b"x" * 48, b"\xf0\x9f\x8f\x83"):
        for at in (REASON, MAKER, PRODUCT):
            yield bytes([2]) + text(at, data)
    yield bytes([2]) + change(HEAD, 4, BYTE, 1) + text(REASON, b"it is cut")
    for sport in range(40):
        yield bytes([6]) + change(sport % 3, 0, BYTE, sport) + change(0, 4, BYTE, 1)
    for i in range(66):
        yield bytes([1 | 16 << 1]) + change(i, 0, DOUBLE, i % 10) + change(i, 8, DOUBLE, i % 7)
    yield bytes([1 | 16 << 1]) + change(HEAD, 176, DOUBLE, 8) + change(17, 0, DOUBLE, 8)
    for _ in range(60):
        yield bytes([rng.randrange(256)]) + rng.randbytes(rng.randrange(80))
