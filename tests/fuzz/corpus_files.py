# SPDX-License-Identifier: MIT
"""The seeds of fuzz_files: files as its places[] has them."""
from corpus_conf import CONF

(CONF_FILE, DROP_IN, NAMED_DROP_IN, ASSIGNED, MACHINE_ID, DISCARDED, COPY, COPIES_OF, IMPORT, IMPORT_FOLDER,
 IMPORT_OF_ANNA, RECORDING, PASSWORD, TYPE, SOFT, HARD, DAYS) = range(17)
UNNAMED = {NAMED_DROP_IN, COPY, COPIES_OF, IMPORT, IMPORT_FOLDER, IMPORT_OF_ANNA, RECORDING}
FOLDERS = {COPIES_OF, IMPORT_FOLDER}
HASH = b"0123456789abcdef" * 4
NAMES = [b"run.fit", b".run.fit.Ab12Cd", b"~syncthing~run.fit.tmp", b"run.fit.part", b"a.gpx", b"a.gpx.gz",
         b"a.sync-conflict-20260101.fit", b"\xff\xfe.fit", b"\x1b[31m.gpx", "Läufe \u8dd1.tcx".encode(),
         b"x" * 255, b"\xc3\xa9" * 120, b"a" + b"\xc3\xa9" * 120, b"done", b"anna", b"..", b" ", b"-", b"\xf0\x9f\x8f\x83" * 40]
RECORDINGS = [b"20260101T000000Z-1.rec", b".rec", b"a.rec", b"-a.rec", b"x" * 70 + b".rec", b"a.rec.new", b"\xff.rec"]


def file(place, content=b"", name=None, mode=0):
    named = bytes([len(name)]) + name if place in UNNAMED else b""
    content = content[:255]
    return bytes([place | mode]) + named + (b"" if place in FOLDERS else bytes([len(content)]) + content)


def files(rng):
    yield b""
    for text in CONF.values():
        yield file(CONF_FILE, text) + file(DROP_IN, text[100:]) + file(ASSIGNED, text[:90])
    for name in NAMES:
        yield b"".join(file(place, b"x", name) for place in (IMPORT, IMPORT_OF_ANNA, COPY))
        yield file(IMPORT_FOLDER, name=name) + file(COPIES_OF, name=name)
        yield file(NAMED_DROP_IN, b"[Gateway]\nFoo=1\n", name[:200] + b".conf")
    yield b"".join(file(RECORDING, b"strided-recording 1\n", name) for name in RECORDINGS)
    for said in (b"a 0\nb 1767225600000000\n", b"a -1\n", b"a 99999999999999999999\n", b"a/b 1\n", b"a 1 x\n",
                 b"x" * 80 + b" 1\n", b"".join(b"s%d 9\n" % i for i in range(40)), b"\xff 1", b"a 9223372036854775807\n"):
        yield file(DISCARDED, said)
    for days in (b"1767225600000000 3600\n1767312000000000 -39600\n", b"1 93601\n", b"-1 0\n", b"1  2\n", b"1 2 3\n", b"1 -",
                 b"99999999999999999999 0\n", b"\xff 1\n5 6", b"1 2\0\n3 4\n"):
        yield file(DAYS, days)
    for password in (b"secret\n", b"", b"a\nb\n", b"\r\n", b"a\0b", b"x" * 255, b"\xff"):
        yield file(PASSWORD, password) + file(PASSWORD, password, mode=0x80)
    for id in (b"0123456789abcdef" * 2, b"0123456789abcdef", b"g" * 32, b"0123456789ABCDEF" * 2 + b"\n"):
        yield file(MACHINE_ID, id)
    for kind in (b"bluetooth\n", b"wlan\n", b"bluetooth" * 9, b""):
        for blocked in (b"1\n", b"0\n", b"", b"111111"):
            yield file(TYPE, kind) + file(SOFT, blocked) + file(HARD, b"0\n")
