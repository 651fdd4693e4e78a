# SPDX-License-Identifier: MIT
"""The seeds of fuzz_request: events as its events[] has them."""

MESSAGE, CALLED, LINKED, TAKEN, TIME, FINISH, CONFIGURED, SAID = range(8)
TOPICS = ["status", "session", "release", "scan", "route", "incline", "explain", "", "a/b", "INFO", "HEALTH",
          "STATUS", "sensor", "runner", "alert", "response", "BIRTH", "foreign", "ANSWERS", "$SYS", "attic",
          "plus", "OWN-DISCOVERY"]
VERBS = ["status", "sensors", "scan", "assign", "replace", "forget", "release", "session", "incline", "route",
         "import", "imports", "log-run", "sessions", "week", "history", "alerts", "acknowledge", "snooze",
         "explain", "load", "export", "delete", "record", "backup", "schema"]
GOOD = {
    "status": [b"", b"{}", b'{"transaction":"1"}', b'{"transaction":""}', b'{"transaction":"\\u0000"}'],
    "session": [b'{"do":"start"}', b'{"do":"stop","runner":"anna"}', b'{"do":"discard","id":"20260101T000000Z-1"}',
                b'{"do":"assign","id":"a","runner":"ben"}', b'{"do":"assign","do":"start"}', b'{"do":"x"}'],
    "release": [b'{"sensor":"pod","for_s":60}', b'{"sensor":"pod","for_s":1e9}', b'{"sensor":null}',
                b'{"sensor":"pod","for_s":0.5}'],
    "scan": [b'{"seconds":10,"transaction":"t"}', b'{"seconds":61}', b'{"seconds":"10"}'],
    "route": [b'{"file":"a.gpx"}', b'{"file":null}', b'{"file":"../a.gpx"}', b'{"file":"a\\u0000.gpx"}'],
    "incline": [b'{"percent":-8.5}', b'{"percent":null,"runner":"anna"}', b'{"percent":1e400}'],
    "assign": [b'{"address":"C0:DE:00:00:00:01","runner":"anna","name":"pod","kind":"pod"}',
               b'{"address":"c0:de:00:00:00:01","runner":"auto"}', b'{"address":"here-and-nowhere!"}'],
    "replace": [b'{"sensor":"pod","address":"C0:DE:00:00:00:02"}'],
    "forget": [b'{"sensor":"pod"}', b'{"sensor":"../pod"}'],
    "record": [b'{"do":"start","sensor":"pod","minutes":1}', b'{"do":"stop"}', b'{"do":"status"}',
               b'{"do":"start","minutes":0}'],
    "explain": [b'{"rule":"weekly_time"}', b'{"rule":"rule"}'],
    "sessions": [b'{"from":"2026-01-01","limit":200}', b'{"before":"a","to":"2026-02-30"}'],
    "export": [b'{"what":"everything","cursor":"0.1.2.a"}', b'{"what":"session","id":"a","format":"fit"}'],
    "alerts": [b"{}", b'{"days":400,"runner":"anna"}', b'{"before":"a"}', b'{"days":0}', b'{"days":1.5}'],
    "acknowledge": [b"{}", b'{"rule":"weekly_time"}', b'{"rule":null}'],
    "history": [b'{"weeks":520}', b'{"weeks":521}'],
    "schema": [b"{}", b'{"payload":"note"}'],
    "import": [b'{"file":"a.fit"}', b'{"file":"../a.fit","runner":"anna"}'],
    "log-run": [b'{"day":"2026-01-01","distance_m":5000,"moving_s":1800,"start":"07:30","runner":"anna"}',
                b'{"day":"2026-02-30","distance_m":0}'],
    "delete": [b'{"id":"20260101T000000Z-1"}', b'{"id":"a","undo":true}', b'{"id":"../a"}'],
    "backup": [b"{}"],
    "snooze": [b'{"for_h":24}', b'{"for_h":168,"rule":"spike_distance"}', b'{"for_h":169}', b'{"rule":"monotony"}'],
}
BAD = [b"[]", b"[" * 20, b'{"a":{"b":{"c":{"d":{}}}}}', b"{", b"\xff", b'"x"', b"null", b"1", b'{"\xc3":1}',
       b'{"a":"\\ud800"}', b"{}" * 2, b'{"' + b"x" * 200 + b'":1}']
UP, DOWN, ALL_TAKEN, SECOND = bytes([LINKED, 1]), bytes([LINKED, 4]), bytes([TAKEN, 0xF0]), bytes([TIME, 4])
READY = UP + bytes([TIME, 16]) + ALL_TAKEN * 3


def message(topic, payload=b"", flags=0, response=None):
    topic = bytes([TOPICS.index(topic)]) if topic in TOPICS else bytes([0xE0 + (len(topic) + 7) // 8]) + topic.ljust(
        (len(topic) + 7) // 8 * 8).encode()
    answer = b"" if response is None else bytes([TOPICS.index(response)])
    return bytes([MESSAGE, flags | (2 if response else 0)]) + topic + answer + bytes([len(payload)]) + payload


def called(verb, payload):
    return bytes([CALLED, VERBS.index(verb), len(payload)]) + payload


def request(rng):
    yield b""
    for verb, payloads in GOOD.items():
        yield READY + b"".join(message(verb, p) for p in payloads)
        yield READY + b"".join(message(verb, p, 0x24, "ANSWERS") + SECOND for p in payloads) + ALL_TAKEN
        yield READY + b"".join(called(verb, p) for p in payloads)
        for policy in (0, 1, 2):
            yield bytes([CONFIGURED, policy]) + READY + b"".join(message(verb, p) for p in payloads)
    for payload in BAD:
        yield READY + message("session", payload) + called("session", payload) + message("INFO", payload)
    for response in TOPICS:
        yield READY + message("status", b"{}", 0x0C, response)
    machine = b'{"machine":"%s"}'
    for id in (b"0123456789abcdef0123456789abcdef", b"00000000000000000000000000000000", b"f" * 32, b"x" * 200):
        info = message("INFO", machine % id, 1)
        yield UP + info + message("status", b"{}") + bytes([TIME, 255]) * 3 + ALL_TAKEN * 4
        yield READY + info + message("HEALTH", b"{}") + bytes([TIME, 255]) * 3 + message("status", b"{}")
    for topic in TOPICS:
        yield READY + message(topic, b"offline", 1) + message(topic, b"online") + bytes([TIME, 30]) + ALL_TAKEN
    yield READY + message("scan", GOOD["scan"][0]) * 2 + bytes([FINISH, 0]) + message("scan", GOOD["scan"][0])
    yield READY + message("scan", b"{}") * 3 + bytes([FINISH, 0x81]) + DOWN + UP
    yield READY + message("status", b"{}") + bytes([SAID, 1]) + DOWN + bytes([TIME, 9]) + READY
    yield READY + bytes([MESSAGE, 0, 1, 255, 99]) + bytes([MESSAGE, 0, 1, 255, 101]) + bytes([CALLED, 3, 255, 120])
    yield b"".join(bytes([SAID, i]) for i in range(9)) + UP + bytes([TIME, 16]) + bytes([TAKEN, 0xF1]) * 9
    yield UP + message("status", b"{}") * 20 + bytes([TIME, 40])
    for _ in range(20):
        yield READY + rng.randbytes(rng.randrange(120))
