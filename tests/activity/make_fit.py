#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""FIT files of every variant, made here: make_fit.py FOLDER writes them all.

Nothing in them is anybody's run. VARIANTS has a function for each; tests and
fuzz corpora take them from there.
"""
import struct
import sys
from pathlib import Path

EPOCH = 631065600  # 1989-12-31, FIT's, in Unix seconds
START = 1000000000  # 2021-09-08, in FIT's seconds
ENUM, SINT8, UINT8, SINT16, UINT16, SINT32, UINT32, STRING, FLOAT32, BYTE = (
    0, 1, 2, 0x83, 0x84, 0x85, 0x86, 7, 0x88, 13)
CODES = {ENUM: 'B', SINT8: 'b', UINT8: 'B', SINT16: 'h', UINT16: 'H', SINT32: 'i', UINT32: 'I',
         FLOAT32: 'f'}

# What the messages are made of: field number and type.
FILE_ID = (0, ((0, ENUM), (1, UINT16), (2, UINT16), (4, UINT32)))
EVENT = (21, ((253, UINT32), (0, ENUM), (1, ENUM)))
RECORD = (20, ((253, UINT32), (0, SINT32), (1, SINT32), (2, UINT16), (3, UINT8), (4, UINT8),
               (5, UINT32), (6, UINT16)))
LAP = (19, ((253, UINT32), (2, UINT32), (7, UINT32), (8, UINT32), (9, UINT32)))
SESSION = (18, ((253, UINT32), (2, UINT32), (5, ENUM), (6, ENUM), (7, UINT32), (8, UINT32),
                (9, UINT32), (10, UINT32), (16, UINT8), (17, UINT8), (18, UINT8), (22, UINT16),
                (23, UINT16)))
ACTIVITY = (34, ((253, UINT32), (0, UINT32), (1, UINT16), (2, ENUM), (3, ENUM), (4, ENUM)))


def checksum_of_byte(total):
    for _ in range(8):
        total = total >> 1 ^ (0xA001 if total & 1 else 0)
    return total


CHECKSUMS = [checksum_of_byte(byte) for byte in range(256)]


def checksum(data):
    total = 0
    for byte in data:
        total = total >> 8 ^ CHECKSUMS[(total ^ byte) & 255]
    return total


class Fit:
    """One file of a chain; bytes() closes it."""

    def __init__(self, order='<', header=14):
        self.order, self.header, self.data, self.defined = order, header, bytearray(), {}

    def define(self, local, message, developer=()):
        number, fields = message
        self.data += struct.pack('<BBB', 0x40 | (0x20 if developer else 0) | local, 0,
                                 self.order == '>')
        self.data += struct.pack(self.order + 'HB', number, len(fields))
        for field, kind, *size in fields:
            self.data += bytes([field, size[0] if size else struct.calcsize(CODES[kind]), kind])
        if developer:
            self.data += bytes([len(developer)])
            for number, size in enumerate(developer):
                self.data += bytes([number, size, 0])
        self.defined[local] = (fields, self.order)

    def put(self, local, *values, compressed=None, tail=b''):
        fields, order = self.defined[local]
        self.data += bytes([local if compressed is None else
                            0x80 | local << 5 | compressed & 31])
        for (_, kind, *_), value in zip(fields, values, strict=True):
            self.data += value if isinstance(value, bytes) else struct.pack(
                order + CODES[kind], value)
        self.data += tail

    def message(self, message, *values):
        """Defined anew each time: local 0."""
        self.define(0, message)
        self.put(0, *values)

    def bytes(self, size=None):
        header = struct.pack('<BBHI4s', self.header, 0x20, 2100,
                             len(self.data) if size is None else size, b'.FIT')
        if self.header == 14:
            header += struct.pack('<H', checksum(header))
        return header + self.data + struct.pack('<H', checksum(header + self.data))


def records(fit, start, seconds, metres_before=0, local=1):
    fit.define(local, RECORD)
    for t in range(seconds + 1):
        fit.put(local, START + start + t, 596523235 + 340 * t, 95443717, (100 + 500) * 5 + t % 7,
                140 + t % 20, 80 + t % 5, 100 * metres_before + 300 * t, 3000)


def session(fit, start, seconds, sport=1, sub_sport=0):
    fit.message(SESSION, START + start + seconds, START + start, sport, sub_sport, 1000 * seconds,
                1000 * seconds, 300 * seconds, 82 * seconds // 60, 149, 159, 82, 5, 6)


def begin(order='<', header=14, kind=4):
    fit = Fit(order, header)
    fit.message(FILE_ID, kind, 255, 1, START)
    return fit


def simple(order='<', header=14):
    fit = begin(order, header)
    fit.message(EVENT, START, 0, 0)
    records(fit, 0, 60)
    fit.message(EVENT, START + 60, 0, 4)
    fit.message(LAP, START + 60, START, 60000, 60000, 18000)
    session(fit, 0, 60)
    fit.message(ACTIVITY, START + 60, 60000, 1, 0, 26, 1)
    return fit.bytes()


def big_endian():
    return simple('>', 12)


def mixed_orders():
    fit = begin('>')
    records(fit, 0, 10)
    fit.order = '<'
    records(fit, 11, 10, 33, local=2)
    session(fit, 0, 21)
    return fit.bytes()


def summary_first():
    fit = begin()
    session(fit, 0, 60)
    session(fit, 61, 60, sport=2)
    records(fit, 0, 60)
    records(fit, 61, 60, 180)
    return fit.bytes()


def compressed_times():
    fit = begin()
    fit.message((20, ((253, UINT32), (3, UINT8))), START, 120)
    fit.define(2, (20, ((3, UINT8), (4, UINT8))))
    for t in range(1, 100):
        fit.put(2, 120 + t % 9, 81, compressed=START + t)
    session(fit, 0, 99)
    return fit.bytes()


def compressed_distance():
    fit = begin()
    fit.define(1, (20, ((253, UINT32), (8, BYTE, 3))))
    for t in range(200):
        speed, distance = 300, 48 * t & 0xFFF
        fit.put(1, START + t, bytes([speed & 255, speed >> 8 | (distance & 15) << 4, distance >> 4]))
    session(fit, 0, 199)
    return fit.bytes()


def developer_fields():
    fit = begin()
    fit.define(3, (20, ((253, UINT32), (5, UINT32))), developer=(2, 4, 200))
    for t in range(30):
        fit.put(3, START + t, 250 * t, tail=bytes(206))
    session(fit, 0, 29)
    return fit.bytes()


def strap_loaded():
    """A swim whose heart rate comes in a second file, as beats of the strap's own clock."""
    fit, strap = begin(), begin(kind=4)
    fit.define(1, (20, ((253, UINT32), (5, UINT32))))
    for t in range(61):
        fit.put(1, START + t, 100 * t)
    session(fit, 0, 60, sport=5)
    strap.message((132, ((253, UINT32), (0, UINT16), (6, UINT8, 1), (9, UINT32))), START, 0,
                  bytes([120]), 0xFFFFF000)
    strap.define(2, (132, ((6, UINT8, 8), (10, BYTE, 12))))
    clock = 0xFFFFF000
    for _ in range(15):
        packed = 0
        for i in range(8):
            clock += 512
            packed |= (clock & 0xFFF) << 12 * i
        strap.put(2, bytes([120] * 8), packed.to_bytes(12, 'little'))
    return fit.bytes() + strap.bytes()


def chained_settings():
    settings = begin(kind=2)
    return simple() + settings.bytes()


def beats_and_names():
    fit = begin()
    records(fit, 0, 5)
    fit.message((78, ((0, UINT16, 10),)), struct.pack('<5H', 812, 799, 0xFFFF, 0xFFFF, 0xFFFF))
    fit.message((23, ((253, UINT32), (1, UINT8), (25, ENUM), (27, STRING, 5))), START, 4, 5,
                b'Abcde')
    session(fit, 0, 5)
    return fit.bytes()


def paused():
    fit = begin()
    fit.message(EVENT, START, 0, 0)
    records(fit, 0, 30)
    fit.message(EVENT, START + 30, 0, 1)
    fit.message(EVENT, START + 90, 0, 0)
    records(fit, 90, 30, 90, local=2)
    fit.message(EVENT, START + 120, 0, 4)
    return fit.bytes()


def never_closed():
    return simple()[:4] + bytes(4) + simple()[8:-2]


def four_gigabytes():
    return simple()[:4] + b'\xff\xff\xff\xff' + simple()[8:]


def wrong_checksum():
    return simple()[:-1] + bytes([simple()[-1] ^ 1])


def course():
    fit = begin(kind=6)
    records(fit, 0, 10)
    return fit.bytes()


VARIANTS = {f.__name__: f for f in (
    simple, big_endian, mixed_orders, summary_first, compressed_times, compressed_distance,
    developer_fields, strap_loaded, chained_settings, beats_and_names, paused, never_closed,
    four_gigabytes, wrong_checksum, course)}

if __name__ == '__main__':
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in VARIANTS.items():
        (folder / (name + '.fit')).write_bytes(make())
