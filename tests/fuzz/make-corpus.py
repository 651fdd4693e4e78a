#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the corpus of one fuzz target: make-corpus.py TARGET FOLDER

The corpus is made, not stored: the same bytes at every build, from seeds that
a person can read here. A target has a function below; it yields inputs. Each
is written as it is, cut at some lengths, and with single bytes changed.
"""
import os
import random
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from corpus_activity import activity_fit, activity_gzip, activity_xml, file  # noqa: E402
from corpus_bluez import bluez  # noqa: E402
from corpus_child import child  # noqa: E402
from corpus_conf import conf, tz  # noqa: E402
from corpus_entries import entries  # noqa: E402
from corpus_files import files  # noqa: E402
from corpus_request import request  # noqa: E402
from corpus_store import store  # noqa: E402


def heart_rate(rng):
    for flags in range(256):
        rate = struct.pack("<H", 120) if flags & 1 else b"\x78"
        energy = struct.pack("<H", 321) if flags & 8 else b""
        beats = struct.pack("<3H", 512, 515, 6139) if flags & 16 else b""
        yield bytes([flags]) + rate + energy + beats
    yield b"\x10\x3c" + b"\x00\x04" * 96
    yield b"\x10\x3c" + b"\x00\x04" * 255 + b"\x01"


def rsc_packet(flags, speed_m_s, cadence, stride_cm=130, total_dm=0):
    packet = struct.pack("<BHB", flags, int(speed_m_s * 256), cadence)
    if flags & 1:
        packet += struct.pack("<H", stride_cm)
    if flags & 2:
        packet += struct.pack("<I", total_dm & 0xFFFFFFFF)
    return packet


def rsc(rng):
    for flags in range(16):
        for cadence in (0, 86, 172, 255):
            yield rsc_packet(flags, 3.0, cadence, total_dm=2550)
    yield rsc_packet(3, 255.9, 255, 65535, 0xFFFFFFFF)


FIELDS = [  # bit, width without pace, not-available bytes
    (1, "ffff"), (2, "ffffff"), (3, "ff7fff7f"), (4, "ff7fffff"), (5, None), (6, None),
    (7, "ffffffffff"), (8, "ff"), (9, "ff"), (10, "ffff"), (11, "ffff"), (12, "ff7fff7f"),
    (13, "ffffff"),
]


def treadmill_packet(flags, rng, pace=1, speed=900, absent=False):
    packet = struct.pack("<H", flags)
    if not flags & 1:
        packet += struct.pack("<H", speed)
    for bit, none in FIELDS:
        if flags >> bit & 1:
            if none is None:
                packet += b"\x55" * pace
            else:
                packet += bytes.fromhex(none) if absent else rng.randbytes(len(none) // 2)
    return packet


def treadmill(rng):
    for flags in (0x0000, 0x2484, 0x2584, 0x1B9E, 0x1F9E, 0x3FFE, 0x3FFF, 0x009F, 0x0060, 0xFFFE):
        for pace in (1, 2, 3):
            for absent in (False, True):
                first = treadmill_packet(flags, rng, pace, absent=absent)
                second = treadmill_packet(0x1F00, rng)
                yield bytes([len(first)]) + first + second
    first = treadmill_packet(0x009F, rng)
    yield bytes([len(first)]) + first


POWER_FIELDS = [  # width of each flag's field; flags 1, 3 and 12 have none
    1, 0, 2, 0, 6, 4, 4, 4, 3, 2, 2, 2,
]


def flagged(flags, widths, rng, head=b""):
    packet = struct.pack("<H", flags) + head
    for bit, width in enumerate(widths):
        if flags >> bit & 1:
            packet += rng.randbytes(width)
    return packet


def cycling_power(rng):
    for flags in [0x0000, 0x002C, 0x0FFF, 0x1FFF, 0xFFFF] + [1 << bit for bit in range(16)]:
        for power in (0, 250, -20, 32767, -32768):
            yield flagged(flags, POWER_FIELDS, rng, struct.pack("<h", power))
    yield bytes.fromhex("2c006700d1b5e4004855")


def environment(rng):
    for number in (0, 1, 101325 * 10, 1001650, -1, 1950, -27315, -27316, -32768, 0x7FFFFF, -0x800000):
        yield struct.pack("<i", number)
        yield struct.pack("<i", number)[:3]
        yield struct.pack("<i", number)[:2]


def small(rng):
    """What a sensor says of itself in a byte or a few: each first byte, and ranges and features."""
    for first in range(256):
        yield bytes([first])
    for op in range(6):
        for parameter in (0, 1, 2, 3, 255):
            yield bytes([op, parameter, 0])
    for low, high in ((0, 0), (0, 150), (-30, 150), (150, -30), (32767, -32768), (-32768, 32767)):
        yield struct.pack("<hhH", low, high, 5)
    for fields, targets in ((0, 0), (0x1564, 0x3), (0x1FFFF, 0x1FFFF), (0xFFFFFFFF, 0xFFFFFFFF)):
        yield struct.pack("<II", fields, targets)
    for bit in range(16):
        yield struct.pack("<H", 1 << bit)
    yield b""


LOCATION_FIELDS = [2, 3, 8, 3, 2, 1, 7]
WHEN = struct.pack("<HBBBBB", 2026, 11, 21, 10, 30, 15)


def location_speed(rng):
    for flags in [0x0000, 0x007F, 0x1FFF, 0xFFFF, 0x0088, 0x0488] + [1 << bit for bit in range(16)]:
        for _ in range(3):
            yield flagged(flags, LOCATION_FIELDS, rng)
    yield (struct.pack("<HH", 0x06BF, 300) + struct.pack("<I", 12345)[:3] +
           struct.pack("<ii", 487777927, -14971828) + struct.pack("<i", -46760)[:3] +
           struct.pack("<HB", 9000, 60))
    yield struct.pack("<Hii", 0x0084, 900000000, -1800000000)
    yield struct.pack("<H", 0x0040) + WHEN


def navigation(rng):
    for flags in [0x0000, 0x0007, 0x01FF, 0xFFFF] + [1 << bit for bit in range(16)]:
        for angles in ((0, 35999), (36000, 65535)):
            yield flagged(flags, [3, 3, 7], rng, struct.pack("<HH", *angles))
    yield struct.pack("<HHH", 0x0004, 9000, 9000) + WHEN


def device_info(rng):
    texts = [b"Polar H10", b"YESOUL\0", b"  FS-6041F1 ", "L\u00e4ufer \u8dd1 \U0001f3c3".encode(),
             b"\x01", b"a\x1b[31mb", b"\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80", b"\xff" * 20,
             "a\u202eb\u2028c\ufeff".encode("utf-8"), b"", b"x" * 100]
    for text in texts:
        for size in (0, 1, 2, 4, 8, 64):
            yield bytes([size]) + text


def event(what, tenths, packet=b""):
    return bytes([what, tenths, len(packet)]) + packet


def stream(rng):
    for setup in (0, 1, 2, 4, 8, 16):
        run = bytes([setup]) + event(6, 0)
        for t in range(40):  # a run of a strides pod with an odometer, and a strap
            run += event(0, 5, rsc_packet(7, 3.0, 86, total_dm=1000 + 30 * t))
            run += event(1, 5, b"\x16\x78\x00\x02")
        yield run
        yield run + event(7, 0) + event(13, 200) + event(6, 0) + run[1:]
    walk = b"\x00"
    for t in range(310):
        walk += event(0, 10, rsc_packet(0, 1.4, 110))
    yield walk
    frozen = b"\x00" + b"".join(event(1, 10, b"\x10\x6f\x27\x02") for _ in range(5))
    yield frozen + b"".join(event(1, 10, b"\x00\x6f") for _ in range(80))
    belt = b"\x00" + event(6, 0) + event(4, 0, bytes(6))
    for t in range(60):
        belt += event(2, 10, struct.pack("<HHI", 0x2004, 900, t * 5 // 2)[:7] + bytes([t, 0, 0]))
        belt += event(0, 2, rsc_packet(0, 2.5, 180))
    yield belt + event(3, 1, b"\x02\x01") + event(2, 10, struct.pack("<HH", 0, 0))
    reset = b"\x00"
    for total in (0xFFFFFFF0, 10, 40, 0, 100, 0x7FFFFFFF, 5, 5, 5):
        reset += event(0, 10, rsc_packet(2, 3.0, 172, total_dm=total))
    yield reset
    split = b"\x00"
    for t in range(10):
        split += event(2, 5, treadmill_packet(0x009F, rng)) + event(2, 5, treadmill_packet(0, rng))
    yield split
    hill = b"\x00" + event(6, 0)
    for t in range(40):  # a pod that tells power, a barometer and a receiver of satellites
        hill += event(0, 5, rsc_packet(7, 3.0, 86, total_dm=1000 + 30 * t))
        hill += event(8, 0, struct.pack("<Hh", 0, 250 + t))
        hill += event(9, 0, struct.pack("<I", 1001650 - 20 * t))
        hill += event(10, 0, struct.pack("<i", 9000 + 20 * t)[:3])
        hill += event(11, 0, struct.pack("<h", 1950 if t % 5 else -32768))
        hill += event(12, 5, struct.pack("<Hi", 0x0088 if t % 7 else 0x0008, 9000 + 30 * t)[:5])
    yield hill
    for _ in range(50):
        noise = bytes([rng.randrange(32)])
        for _ in range(rng.randrange(40)):
            noise += event(rng.randrange(14), rng.randrange(40), rng.randbytes(rng.randrange(24)))
        yield noise


def lines(*texts):
    return "\n".join(("strided-recording 1 plain", *texts, "")).encode()


def replay(rng):
    """Some of those of sessions, and the same without what makes them one: each is gone through second by second."""
    for text in list(recording(rng))[::4]:
        yield text
        yield b"".join(line for line in text.splitlines(True) if line[:1] not in b"GE")
    far = [f"N {t * 400000000} 0 2a53 {rsc_packet(7, 3.0, 86, total_dm=30 * t).hex()}" for t in range(40)]
    yield lines("A boot-a 1 1795221821498126 synced", "R anna - 0 188 52 - -", "S 0 pod C0:DE:00:00:00:01 steps 1 p", *far,
                "N 316000000000000 0 2a53 -", "A boot-b 5 2795225421498126 rtc", "N 7 0 2a53 -")


def recording(rng):
    head = ("A boot-a 1000000 1795221821498126 synced", "R anna female 1981 188 52 61.5 -8",
            "S 0 pod C0:DE:00:00:00:01 strides 1.025 p", "S 1 strap C0:DE:00:00:00:02 auto 1 s",
            "G 2000000 motion")
    run = [f"N {t * 1000000} 0 2a53 {rsc_packet(7, 3.0, 86, total_dm=30 * t).hex()}\n"
           f"N {t * 1000000 + 1} 1 2a37 1678{t:02x}02" for t in range(2, 60)]
    tail = ("U 9000000 0 strides 30 s of running", "L 9000001 0 down", "I 9000002 -8",
            "I 9000003 unknown", "T 9000004 start", "M 9000005 20260101T000000Z-1")
    yield lines(*head, *run, *tail, "E 70000000 told by command")
    yield lines(*head, *tail, "E 70000000 discarded by command")
    yield lines(*head, *run, "A boot-b 5 1795225421498126 rtc", "N 7 1 2a37 167802",
                "A boot-c 5 7 unset", "N 9 0 2a53 -", "E 9 idle ten idle minutes")
    copies = [f"C {i * 30} {line}" for i, line in enumerate(head)]
    rotten = ["?" + line for line in head]
    yield lines(*rotten, *run[:20], *copies, *run[20:], *copies, "E 70000000 told by command", *copies)
    yield lines(*head, *copies, *run[:20], "A ?", *run[:20], "C 900 A boot-b 5 1795225421498126 rtc",
                "C 4294967295 R ben male 1981 188 52 61.5 -8", "C 1 C 1 G 2 motion", "E 70000000 told by command")
    local = ("Z anna 1795221822 3600", "Z anna 253402300799 -93600", "Z ben 1795221822 93600", "Z - 1 0", "Z anna 0 1")
    yield lines(*head, *local, *run, "E 70000000 told by command", *local)
    joined = ("S 2 belt C0:DE:00:00:00:03 auto 1 b", "G 1000000 motion",
              *(f"N {t * 1000000} 2 2acd 0000" for t in range(2, 20)))
    begun, end = f"J 20000000 20260101T000000Z-1.2 {len(joined)}", "M 20000000 20260101T000000Z-1.2"
    for cut in (0, 1, 7, len(joined)):
        yield lines(*head, *run, begun, *joined[:cut], copies[2], f"C 2900 {joined[0]}", head[0], run[3])
        yield lines(*head, *run, begun, *joined[:cut], begun, *joined, end, "E 70000000 told by command")
        yield lines(*head, *run, begun, *joined[cut:], end, begun, *joined[:cut])
        yield lines(*head, *run, begun, *joined[:cut], local[0], *joined[cut:], end)
    yield lines(*head, *(f"J 3 {i} {i % 3}\nG 3 x\nM 3 {i // 2}" for i in range(300)), "J 4 x 16777215", *run)
    year = 366 * 86400 * 1000000
    yield lines(*head, f"A boot-b {10 * year} {2**61 - 1} synced", f"N {10 * year} 1 2a37 167802")
    yield lines(*head, *(f"A {i} 0 {i * 20 * year} synced\nN 1 1 2a37 167802" for i in range(150)))
    # each boot ten years more: 30000 of them are more than 63 bits of microseconds
    yield lines(*head, *(f"A {i} 0 0 unset\nA {i} {10 * year} 0 unset" for i in range(30000)))
    yield lines(*head, *(f"A {i} {10 * year} 0 unset\nA {i} 0 0 unset" for i in range(30000)))
    yield b"strided-recording 1\nL 1 0 up *0000\nno line\n\n# remark\ntorn"


TARGETS = {f.__name__: f for f in (heart_rate, rsc, treadmill, cycling_power, environment, small,
                                     location_speed, navigation, device_info, stream, recording, replay,
                                     conf, tz, activity_fit, activity_gzip, activity_xml, bluez, child, entries, file, files, request,
                                     store)}


def variants(seed, rng):
    yield seed
    for _ in range(3):
        if seed:
            yield seed[:rng.randrange(len(seed))]
            changed = bytearray(seed)
            changed[rng.randrange(len(seed))] = rng.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))
            yield bytes(changed)


def main():
    name, folder = sys.argv[1:]
    rng = random.Random(name)
    os.makedirs(folder, exist_ok=True)
    for old in os.listdir(folder):
        os.unlink(os.path.join(folder, old))
    inputs = [v for seed in TARGETS[name](rng) for v in variants(seed, rng)]
    for number, data in enumerate(dict.fromkeys(inputs)):
        with open(os.path.join(folder, f"{number:05}"), "wb") as file:
            file.write(data)
    os.utime(folder)


main()
