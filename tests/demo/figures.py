# SPDX-License-Identifier: MIT
"""What the simulated sensors sent beside what arrived at the broker, and whether both agree.

A packet is noted when the simulator's count of packets sent grows, with the value that was in it. A
`live` message is judged half a second after it was made, when all packets that could be in it are
known: the heart rate against the packets of the last 1.4 s, the cadence, which is a mean of 10 s,
against the mean of the packets in such a window (its edges may lie a packet further or nearer; where
the mean depends on that by more than the tolerance, the runner changes speed and nothing is proven).
A value that is there although its sensor has been silent for 4 s is old, one that is missing although
its sensor has spoken three times just now is lost: both are faults.
"""
import collections
import datetime
import math

TOLERANCE = 1.0
SETTLED_S = 0.5         # after this, every packet a message may know of is noted here too
LATE_S = 0.2            # a packet may be noted here so much later than it was sent
RECENT_S = 1.4          # the latest packet at 1 Hz is younger
OLD_S = 4.2             # the daemon holds a value 3 s; one packet and the noting come on top
WINDOW_S = 10.0
Packet = collections.namedtuple('Packet', 'at value')


def sent_heart_rate(truth):
    return truth['heart_rate_bpm'] and math.floor(truth['heart_rate_bpm'] + 0.5)


def sent_cadence(truth):
    """The pod counts one foot, in whole strides."""
    return 2 * math.floor(truth['cadence_spm'] / 2 + 0.5)


class Sent:
    """The last packets of one sensor, and its own total when they left."""

    def __init__(self, characteristic, value):
        self.characteristic, self.value = characteristic, value
        self.count = 0
        self.packets = collections.deque(maxlen=100)
        self.first_step_m = self.last_m = None

    def feed(self, truth, now):
        """True when there was a new packet."""
        count = truth['sent'].get(self.characteristic, 0)
        if count == self.count:
            return False
        self.count = count
        value = self.value(truth)
        if value is not None:
            self.packets.append(Packet(now, value))
        self.last_m = truth['last_sent_m']
        if self.first_step_m is None and value:
            self.first_step_m = self.last_m
        return True

    def between(self, begin, end):
        return [packet.value for packet in self.packets if begin < packet.at <= end]


class Agreement:
    """One live figure against the packets it was made of."""

    def __init__(self, name, key, sent, candidates):
        self.name, self.key, self.sent, self.candidates = name, key, sent, candidates
        self.judged = self.lost = self.old = 0
        self.worst, self.faults = 0.0, []

    def _fault(self, at, text):
        stamp = datetime.datetime.fromtimestamp(at).strftime('%H:%M:%S')
        self.faults.append('%s at %s: %s' % (self.name, stamp, text))

    def judge(self, at, live):
        value = live[self.key]
        if value is None:
            if len(self.sent.between(at - 3.5, at - LATE_S)) >= 3:
                self.lost += 1
                self._fault(at, 'null, although the sensor sends')
            return
        if not self.sent.between(at - OLD_S, at + LATE_S):
            self.old += 1
            self._fault(at, '%g, although the sensor is silent' % value)
            return
        possible = self.candidates(self.sent, at)
        if not possible or max(possible) - min(possible) > 2 * TOLERANCE:
            return
        off = max(min(possible) - value, value - max(possible), 0)
        self.judged += 1
        self.worst = max(self.worst, off)
        if off > TOLERANCE:
            self._fault(at, '%g, but %g to %g were sent' % (value, min(possible), max(possible)))

    def agrees(self, at_least):
        return self.judged >= at_least and not self.faults

    def text(self, at_least):
        text = '%s: %d values, off by %.1f at most from what was sent (allowed %g)' % (
            self.name, self.judged, self.worst, TOLERANCE)
        if self.lost or self.old:
            text += '; %d lost, %d old' % (self.lost, self.old)
        if self.judged < at_least:
            text += '; at least %d are needed' % at_least
        return text


def recent_values(sent, at):
    return sent.between(at - RECENT_S, at + LATE_S)


def window_means(sent, at):
    """The mean of ten seconds, for windows that end with the latest packet or the one before."""
    means = []
    for begin in (-0.6, -0.3, 0, 0.3):
        for end in (-LATE_S, 0, LATE_S):
            values = sent.between(at - WINDOW_S - begin, at + end)
            if values:
                means.append(sum(values) / len(values))
    return means


def time_of(live, arrived):
    """Wall time a live message is true for; its arrival while the daemon's clock is not set."""
    if live['t'] is None:
        return arrived
    return datetime.datetime.fromisoformat(live['t'].replace('Z', '+00:00')).timestamp()


class Rate:
    """How steadily messages came."""

    def __init__(self):
        self.n, self.first, self.last, self.widest = 0, None, None, 0.0

    def feed(self, at):
        if self.first is None:
            self.first = at
        else:
            self.widest = max(self.widest, at - self.last)
        self.n, self.last = self.n + 1, at

    @property
    def seconds(self):
        return self.last - self.first if self.n else 0.0

    def is_steady(self):
        """One a second: none late by more than another second, none missing in the long run."""
        return self.n >= 2 and self.widest <= 2 and self.n - 1 >= math.floor(0.98 * self.seconds)


class Figures:
    """All that is known at the end of the demo."""

    def __init__(self):
        self.pod, self.strap = Sent('2a53', sent_cadence), Sent('2a37', sent_heart_rate)
        self.agreements = [
            Agreement('cadence', 'cadence_spm', self.pod, window_means),
            Agreement('heart rate', 'heart_rate_bpm', self.strap, recent_values),
        ]
        self.rate, self.waiting, self.events = Rate(), collections.deque(), set()

    def feed_live(self, live, arrived):
        self.rate.feed(arrived)
        self.waiting.append((time_of(live, arrived), live))

    def settle(self, now):
        while self.waiting and self.waiting[0][0] + SETTLED_S <= now:
            at, live = self.waiting.popleft()
            for agreement in self.agreements:
                agreement.judge(at, live)

    def enough(self):
        return all(a.judged >= 3 for a in self.agreements) and self.rate.n >= 5
