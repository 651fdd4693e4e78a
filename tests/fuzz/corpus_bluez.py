# SPDX-License-Identifier: MIT
"""The seeds of fuzz_bluez: events as bus_events.h has them, then its own; bus_body.c has the form of the bodies."""

(ADDED, REMOVED, CHANGED, ANSWERED, REFUSED, OWNER,
 ALL_WELL, ADVERTISED, LINKED, NOTIFIED, TIME, ASKED) = range(12)
EVERYBODY, ALL_LINKED, NOBODY, OFF = 0x15, 0x3F, 0x00, 0x80
SECOND, FIVE, MINUTE = 0x40, 0x80, 0xC0  # pass_time's units


def e(what, *rest):
    return bytes([what, *rest])


def value(sensor, data, second=0):
    return e(NOTIFIED, sensor << 2 | second, len(data)) + data


def link(sensor, resolved, on):
    return e(LINKED, sensor << 2 | resolved << 1 | on)


def world(flags):
    return e(ALL_WELL, flags)


def run_of(*sensors):
    """From the first answer to packets of each."""
    story = world(EVERYBODY) + b"".join(e(ADVERTISED, s, 200) for s in range(3))
    for second in range(4):
        story += e(TIME, SECOND | 2) + world(EVERYBODY)
        story += b"".join(e(ADVERTISED, s, 190) for s in range(3))
    for s in sensors:
        story += link(s, 0, 1) + link(s, 1, 1)
    story += world(ALL_LINKED) * 4 + e(TIME, SECOND | 1) + world(ALL_LINKED) * 3
    for _ in range(3):
        story += value(0, bytes.fromhex("03000356820a000000")) + value(1, bytes.fromhex("16780002"))
        story += value(2, bytes.fromhex("84240003000000ff7fff7f")) + e(TIME, SECOND | 1)
    return story


def fresh(rng):
    yield b""
    yield run_of(0, 1, 2)
    yield run_of(0, 1, 2) + b"".join(link(s, 0, 0) for s in range(3)) + e(TIME, SECOND | 9)
    yield run_of(0, 1, 2) + e(OWNER, 0x01) + e(TIME, SECOND | 5) + e(OWNER, 0x03) + world(ALL_LINKED)
    yield run_of(0, 1) + world(OFF) + e(TIME, MINUTE | 5) + world(EVERYBODY)
    yield run_of(0) + e(TIME, MINUTE | 40) + world(NOBODY) + e(ASKED, 0xC0) + e(TIME, SECOND | 9)
    yield world(ALL_LINKED) * 5 + e(ASKED, 0x00) + e(ASKED, 0x86) + e(TIME, SECOND | 9)
    for name in range(11):  # each Connect fails, in each way
        story = world(EVERYBODY) + e(TIME, SECOND | 5)
        for text in range(5):
            story += world(EVERYBODY) + e(ADVERTISED, 0, 200) + e(TIME, SECOND | 3)
            story += e(REFUSED, 0, name, text) * 3 + e(TIME, FIVE | 6)
        yield story
    for deadline in (1, 30, 63):
        yield run_of(0, 1, 2) + e(TIME, MINUTE | deadline) * 3
        yield world(EVERYBODY) + e(TIME, FIVE | deadline) * 20


# As bus_body.c reads them: numbers in the lists of words, types and paths.
def word(i):
    return bytes([i])


def prop(i, *payload):
    return bytes([0x80 + i + (19 - 0x80 % 19) % 19, 0, *payload])


DEVICE = [prop(0, 8), prop(1, 12), prop(2, 0xE5, 3) + b"Pod", prop(3, 2, 24, 25), prop(4, 0xD0),
          prop(5, 1), prop(6, 1), prop(7, 0), prop(8, 15), prop(18, 4)]
ADAPTER = [prop(0, 10), prop(9, 1), prop(10, 16), prop(11, 1)]
CHARACTERISTIC = [prop(14, 18), prop(15, 4, 1, 2, 3, 4)]
INTERFACES = {0: ADAPTER, 1: DEVICE, 3: CHARACTERISTIC, 4: [prop(14, 23)], 5: [prop(13, 50)],
              6: [prop(12, 3)], 2: []}
PATHS = {0: (0x00,), 1: (0x08, 0x10, 0x18, 0x38, 0xC8), 3: (0x0A, 0x13), 4: (0x0D,), 5: (0x08,),
         6: (0x00, 0x80), 2: (0x09,)}


def interface(i, rng):
    have = INTERFACES[i]
    some = rng.sample(have, rng.randrange(len(have) + 1)) if rng.random() < 0.5 else have
    return word(i) + bytes([len(some)]) + b"".join(some)


def any_message(rng):
    i = rng.choice(list(INTERFACES))
    path = bytes([rng.choice(PATHS[i])])
    shape = rng.randrange(4)
    if shape == 0:
        return e(ADDED, 0) + path + b"\1" + interface(i, rng) + b"\0"
    if shape == 1:
        return e(REMOVED, 0) + path + bytes([2, i, rng.randrange(7)]) + b"\0"
    if shape == 2:
        gone = bytes([rng.randrange(3)]) + bytes(0x80 + rng.randrange(19) for _ in range(2))
        return e(CHANGED) + path + b"\0" + interface(i, rng) + gone + b"\0"
    objects = rng.randrange(1, 5)
    return e(ANSWERED, 0, 0, objects) + b"".join(
        bytes([rng.choice(PATHS[k])]) + b"\1" + interface(k, rng)
        for k in rng.choices(list(INTERFACES), k=objects))


def bluez(rng):
    stories = list(fresh(rng))
    yield from stories
    for _ in range(60):
        yield world(EVERYBODY) + b"".join(any_message(rng) for _ in range(rng.randrange(1, 12)))
    for _ in range(20):
        story = rng.choice(stories)
        cut = rng.randrange(len(story) + 1)
        yield story[:cut] + any_message(rng) + story[cut:]
    for _ in range(20):
        yield rng.randbytes(rng.randrange(200))
