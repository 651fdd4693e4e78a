#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the recordings of this folder: make.py [DIRECTORY].

Each is a story told packet by packet, so that what must come out can be worked out by hand (the
comment in its first lines says what). After a change that is meant to change figures:
    build/daemon/strided-replay --text build/tests/replay/X.rec > X.expected     and read the difference before committing it.
"""
import sys
from pathlib import Path

BOOT = "0123456789abcdef0123456789abcdef"
BOOT2 = "fedcba9876543210fedcba9876543210"
WALL = 1_795_221_600  # 2026-11-21T02:00:00Z
T0 = 100  # seconds after boot


class Recording:
    def __init__(self, *story):
        self.lines = ["strided-recording 1 plain"] + [f"# {line}" for line in story]
        self.axis(BOOT, T0, WALL)

    def axis(self, boot, t, wall, clock="synced"):
        self.lines.append(f"A {boot} {int(t * 1e6)} {int(wall * 1e6)} {clock}")

    def runner(self, name="anna", sex="female", birth=0, top=188, rest=52, incline="-"):
        self.lines.append(f"R {name} {sex} {birth} {top} {rest} - {incline}")

    def sensor(self, n, name, unit="auto", factor=1, shows="-"):
        self.lines.append(f"S {n} {name} C0:DE:00:00:00:0{n} {unit} {factor} {shows}")

    def begin(self, t, why="motion"):
        self.lines.append(f"G {int(t * 1e6)} {why}")

    def link(self, t, n, up):
        self.lines.append(f"L {int(t * 1e6)} {n} {'up' if up else 'down'}")

    def packet(self, t, n, uuid, data):
        self.lines.append(f"N {int(t * 1e6)} {n} {uuid} {bytes(data).hex() or '-'}")

    def pod(self, t, n, speed, cadence, total=None):
        data = bytes([4 | (2 if total is not None else 0)])
        data += round(speed * 256).to_bytes(2, "little") + bytes([cadence])
        if total is not None:
            data += (round(total * 10) % 2**32).to_bytes(4, "little")
        self.packet(t, n, "2a53", data)

    def strap(self, t, n, bpm, rr=()):
        data = bytes([0x16 if rr else 0x06, bpm])
        for value in rr:
            data += round(value * 1024).to_bytes(2, "little")
        self.packet(t, n, "2a37", data)

    def belt(self, t, n, speed, total=None, incline=None):
        flags = (4 if total is not None else 0) | (8 if incline is not None else 0)
        data = flags.to_bytes(2, "little") + round(speed * 360).to_bytes(2, "little")
        if total is not None:
            data += int(total).to_bytes(3, "little")
        if incline is not None:
            data += round(incline * 10).to_bytes(2, "little", signed=True) + b"\xff\x7f"
        self.packet(t, n, "2acd", data)

    def power(self, t, n, watts):
        self.packet(t, n, "2a63", bytes(2) + watts.to_bytes(2, "little", signed=True))

    def pressure(self, t, n, altitude):
        """Of the standard atmosphere at so many metres."""
        pa = 101325 * (1 - altitude / 44330.77) ** (1 / 0.190263)
        self.packet(t, n, "2a6d", round(pa * 10).to_bytes(4, "little"))

    def temperature(self, t, n, degrees):
        self.packet(t, n, "2a6e", round(degrees * 100).to_bytes(2, "little", signed=True))

    def line(self, text):
        self.lines.append(text)

    def end(self, t, how="idle", why="ten idle minutes"):
        self.lines.append(f"E {int(t * 1e6)} {how} {why}")

    def text(self):
        return "\n".join(self.lines) + "\n"


def steady():
    r = Recording("Ten minutes at 3 m/s and 172 steps with a strap at 150.",
                  "1800 m, 1720 steps, 600 s of movement, zone 3 (79.8 % of 188).")
    r.runner()
    r.sensor(0, "pod")
    r.sensor(1, "strap")
    r.begin(T0)
    for s in range(0, 601):
        r.pod(T0 + s, 0, 3.0, 172, total=3.0 * s)
        r.strap(T0 + s + 0.3, 1, 150, rr=(0.4, 0.4))
    r.end(T0 + 1200)
    return r


def strides():
    r = Recording("The same, from a pod that counts strides (86): the steps of the first half minute",
                  "are held back and come once the unit is decided. 1800 m, 1720 steps.")
    r.runner()
    r.sensor(0, "pod")
    r.begin(T0)
    for s in range(0, 601):
        r.pod(T0 + s, 0, 3.0, 86, total=3.0 * s)
    r.end(T0 + 1200)
    return r


def dropout_bridged():
    r = Recording("Two minutes out of range; the pod's odometer ran on. 1800 m, no gap, 600 s.")
    r.runner()
    r.sensor(0, "pod", unit="steps")
    r.begin(T0)
    for s in range(0, 601):
        if 200 < s < 320:
            continue
        if s == 320:
            r.link(T0 + s - 0.5, 0, True)
        r.pod(T0 + s, 0, 3.0, 172, total=5000 + 3.0 * s)
        if s == 200:
            r.link(T0 + s + 0.5, 0, False)
    r.end(T0 + 1200)
    return r


def dropout_gap():
    r = Recording("The same with a pod that has no odometer: about 1440 m, and the missing 120 s are a gap",
                  "(less what a value holds).")
    r.runner()
    r.sensor(0, "pod", unit="steps")
    r.begin(T0)
    for s in range(0, 601):
        if 200 < s < 320:
            continue
        r.pod(T0 + s, 0, 3.0, 172)
    r.end(T0 + 1200)
    return r


def belt_and_pod():
    r = Recording("Treadmill at 2.5 m/s and 10 % with a pod: distance once, by the belt (1500 m),",
                  "cadence by the pod, ascent 1500 * 0.1 / sqrt(1.01) = 149.3 m.")
    r.runner()
    r.sensor(0, "pod", unit="steps")
    r.sensor(1, "belt")
    r.begin(T0)
    for s in range(0, 601):
        r.pod(T0 + s, 0, 2.6, 168, total=2.6 * s)
        r.belt(T0 + s + 0.4, 1, 2.5, total=2.5 * s, incline=10)
    r.end(T0 + 1200)
    return r


def belt_tilts():
    r = Recording("Ten minutes level on a treadmill, ten at -8 %, 3 m/s, with a pod: 1800 m of each, a drop of",
                  "1800 * 0.08 / sqrt(1.0064) = 143.5 m in 600 s and 1720 steps, none of it steep.")
    r.runner()
    r.sensor(0, "pod", unit="steps")
    r.sensor(1, "belt")
    r.begin(T0)
    for s in range(0, 1201):
        r.pod(T0 + s, 0, 3.1, 172, total=3.1 * s)
        r.belt(T0 + s + 0.4, 1, 3.0, total=3.0 * s, incline=0 if s <= 600 else -8)
    r.end(T0 + 1800)
    return r


def down_by_air():
    r = Recording("A pod and a barometer outside: 600 s level at 2.5 m/s, 600 s at -6 % (90 m down over 1500 m),",
                  "and back up: the live figures lag, those at the end do not.")
    r.runner(incline="0")
    r.sensor(0, "pod", unit="steps")
    r.sensor(1, "air")
    r.begin(T0)
    for s in range(0, 1801):
        r.pod(T0 + s, 0, 2.5, 168, total=2.5 * s)
        down = 0.15 * min(max(s - 600, 0), 600) - 0.15 * max(s - 1200, 0)
        r.pressure(T0 + s + 0.2, 1, 400 - down)
    r.end(T0 + 2400)
    return r


def incline_by_hand():
    r = Recording("LiveIncline=0, and -10 % set by hand from 300 s to 600 s at 3 m/s: 900 m and 89.6 m down, all",
                  "of it steep; the rest is level because the configuration says so.")
    r.runner(incline="0")
    r.sensor(0, "pod", unit="steps")
    r.begin(T0)
    for s in range(0, 901):
        r.pod(T0 + s, 0, 3.0, 172, total=3.0 * s)
        if s == 300:
            r.line(f"I {int((T0 + s) * 1e6)} -10")
        if s == 600:
            r.line(f"I {int((T0 + s) * 1e6)} unknown")
    r.end(T0 + 1500)
    return r


def down_a_route():
    r = Recording("A pod follows a route from the first step on: 1000 m level, 1500 m at -6 % (90 m down, in 600 s",
                  "and 1680 steps at 2.5 m/s), 500 m level. 3000 m in 1200 s.")
    r.runner(incline="0")
    r.sensor(0, "pod", unit="steps")
    r.begin(T0)
    r.line(f"H {int(T0 * 1e6)} 0:300 1000:300 2500:210 4000:210")
    for s in range(0, 1201):
        r.pod(T0 + s, 0, 2.5, 168, total=2.5 * s)
    r.end(T0 + 1800)
    return r


def power_and_air():
    r = Recording("A pod that tells power too, and a barometer, up a slope of 5 %: 250 W, not known while the",
                  "power was silent (60 s to 90 s); 19.5 degrees, told each 30 s until 120 s and known for a",
                  "minute after that. The air keeps no session open: it ends with the last step, at 200 s.")
    r.runner()
    r.sensor(0, "pod", unit="steps")
    r.sensor(1, "air")
    r.begin(T0)
    for s in range(0, 241):
        if s <= 200:
            r.pod(T0 + s, 0, 2.5, 168, total=2.5 * s)
            if not 60 <= s < 90:
                r.power(T0 + s + 0.1, 0, 250)
        r.pressure(T0 + s + 0.2, 1, 100 + 2.5 * min(s, 200) * 0.05)
        if s % 30 == 0 and s <= 120:
            r.temperature(T0 + s + 0.3, 1, 19.5)
    r.end(T0 + 800)
    return r


def pause():
    r = Recording("Five minutes, two minutes standing, five minutes: 600 s moving, 720 s elapsed.")
    r.runner()
    r.sensor(0, "pod", unit="steps")
    r.begin(T0)
    total = 0.0
    for s in range(0, 721):
        moving = s <= 300 or s > 420
        total += 3.0 if moving and s else 0
        r.pod(T0 + s, 0, 3.0 if moving else 0, 170 if moving else 0, total=total)
    r.end(T0 + 1320)
    return r


def off_the_body():
    r = Recording("A strap that comes off after five minutes and goes on ticking its last rate without RR:",
                  "what it says then is no heart rate.")
    r.runner()
    r.sensor(0, "strap")
    r.begin(T0, "heart_rate")
    for s in range(0, 601):
        if s <= 300:
            r.packet(T0 + s, 0, "2a37", bytes([0x10, 140 + s % 3]) + (440).to_bytes(2, "little"))
        else:
            r.packet(T0 + s, 0, "2a37", bytes([0x00, 111]))
    r.end(T0 + 1200)
    return r


def two_boots():
    r = Recording("A power cut of 60 s in the middle: the second boot's times start near 0 again and are laid",
                  "behind the first by the wall clock. The odometer ran on: 1800 m.")
    r.runner()
    r.sensor(0, "pod", unit="steps")
    r.begin(T0)
    r.lines.append("Z anna %d 3600" % WALL) # of her day, which changes no figure
    for s in range(0, 301):
        r.pod(T0 + s, 0, 3.0, 172, total=3.0 * s)
    r.axis(BOOT2, 20, WALL + 360)
    for s in range(360, 601):
        r.pod(20 + s - 360, 0, 3.0, 172, total=3.0 * s)
    r.end(900)
    r.lines.append("Z ben %d -39600" % WALL)
    return r


def torn():
    r = steady()
    r.lines.insert(1, "# Rotten lines among good ones are counted and left out.")
    r.lines.insert(40, "N 12 what")
    r.lines.insert(60, "Q ???")
    return r


def rotten_head():
    r = steady()
    r.lines.insert(1, "# Whose it is, since when and with which sensors is told by copies alone; the rest of them say nothing.")
    place, copies = 0, []
    for i, line in enumerate(r.lines):
        if line[0] in "ARSG":
            copies.append(f"C {place} {line}")
            r.lines[i] = "?" + line[1:]
        place += len(line) + 1
    for at in (1300, 1000, 500): # between the packets
        r.lines[at:at] = copies
    return r


def walk():
    r = Recording("A walk: 1.4 m/s at 110 steps is a walk, no run.")
    r.runner(top=0, rest=0)
    r.sensor(0, "pod", unit="steps")
    r.begin(T0)
    for s in range(0, 601):
        r.pod(T0 + s, 0, 1.4, 110, total=1.4 * s)
    r.end(T0 + 700, "told", "stopped by command")
    return r


def main():
    where = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    for story in (steady, strides, dropout_bridged, dropout_gap, belt_and_pod, belt_tilts, down_a_route,
                  down_by_air, incline_by_hand, power_and_air, pause, off_the_body, rotten_head, two_boots, torn, walk):
        (where / f"{story.__name__}.rec").write_text(story().text())


main()
