# SPDX-License-Identifier: MIT
"""
What was sent, what was stored and what was delivered.

    sent       by the sensors' simulator below HCI to whoever had subscribed (/run/air.log)
    stored     as a line N of a recording, with the very same bytes; each measurement is one of its kind
    delivered  the messages `live`, one a second of a session, that came out of the broker: how many, the longest time
               without one, and how many a second beside that time, of the runner who got the fewest. They go on whatever
               becomes of sensors, adapter and bluetoothd; a case in which the daemon or the broker is away says for how
               long they may be missing.

Where a case takes bluetoothd, the adapter or the daemon away, a sensor does not know it at once. What it sent from
that moment until its link or its subscription ended was sent to nobody: it is counted apart, as `void`. All else
that was sent is to be stored, once.
"""
import collections
import contextlib
import glob

from world import OWNERS, STATE, Failed, now_usec, until

AIR_LOG = '/run/air.log'
MARGIN_USEC = 500_000       # what was on its way through kernel, bluetoothd and bus just then
SETTLED_USEC = 10_000_000   # a sensor's last words are stored within this
LIVE_HZ_MIN = 0.8           # of one a second: an emulated machine may stand still, and then skips one
LIVE_LEAST_USEC = 5_000_000 # so long that their number says something

Fact = collections.namedtuple('Fact', 't_usec sensor what packet')
Count = collections.namedtuple('Count', 'sent void stored lost doubled live gap_s live_hz')


def air_facts():
    facts = []
    with open(AIR_LOG, encoding='ascii') as log:
        for line in log:
            words = line.split()
            if line.endswith('\n'):
                facts.append(Fact(int(words[0]), words[1], words[2], ' '.join(words[3:])))
    return facts


def recordings():
    """Each as (runner, lines without their checksums)."""
    for path in sorted(glob.glob(STATE + '/sessions/*.rec')):
        with open(path, encoding='utf-8') as file:
            lines = [line.rsplit(' *', 1)[0].split(' ') for line in file if line.endswith('\n')]
        runner = [words[1] for words in lines if words[0] == 'R'][-1]
        yield runner, lines


def stored_packets():
    """(sensor, packet): in which runners' recordings."""
    found = collections.defaultdict(list)
    for runner, lines in recordings():
        names = {words[1]: words[2] for words in lines if words[0] == 'S'}
        for words in lines:
            if words[0] == 'N':
                found[names[words[2]], '%s %s' % (words[3].lower(), words[4].lower())].append(runner)
    return found


def count_packets(facts):
    return collections.Counter((fact.sensor, fact.packet) for fact in facts)


def wait_until_none(left):
    """Whoever waits tells with all the figures what is left."""
    with contextlib.suppress(Failed):
        until(lambda: not left(), '', SETTLED_USEC / 1e6)


class Ledger:
    """Of one case, from when it is made. gap_s: how long a runner may be without live messages, outages: how often."""

    def __init__(self, broker, sensors, sessions, gap_s, outages=1):
        self.broker, self.sensors, self.sessions, self.gap_s, self.outages = broker, sensors, sessions, gap_s, outages
        self.since_usec, self._cuts, self._owners, self._gone = now_usec(), [], dict(OWNERS), set()

    def cut(self, *sensors):
        """From now on, until it notices, such a sensor talks to nobody."""
        self._cuts += [(now_usec() - MARGIN_USEC, sensor) for sensor in sensors or self.sensors]

    def wait_heard(self):
        """Until something is stored of each that it said since it was cut: a link that is up is none that is heard."""
        wait_until_none(lambda: self._not_heard(now_usec()))

    def leave(self, *sensors):
        """Their runner's session ends in this case: what they send outside of one is nobody's."""
        self.sensors = [sensor for sensor in self.sensors if sensor not in sensors]
        self.sessions = [runner for runner in self.sessions if runner not in (OWNERS[sensor] for sensor in sensors)]

    def set_free(self, sensor):
        """A shared one, whose session ends in this case: the next one may be whoever's, or nobody's."""
        del self._owners[sensor]

    @contextlib.contextmanager
    def also(self, sensor):
        """One more that streams, for a while. At the end it is still there, and is let go then."""
        self.sensors = [*self.sensors, sensor]
        yield
        until(lambda: sensor not in self._not_heard(now_usec()), 'something is stored of ' + sensor)
        self.cut(sensor)
        self._gone.add(sensor)

    def _void_times(self, facts):
        """(sensor, from, to) for each cut: to where its link ended, or the subscription to what it measures, or either
        was made anew. (It may have more to subscribe to; bluetoothd ends one after the other.)"""
        for cut_usec, sensor in self._cuts:
            ends = [fact.t_usec for fact in facts if fact.sensor == sensor and fact.t_usec >= cut_usec + MARGIN_USEC
                    and (fact.what in ('down', 'up') or
                         fact.what == 'subscribed' and self._is_measurement(fact.packet))]
            yield sensor, cut_usec, min(ends, default=cut_usec + 2 * MARGIN_USEC)

    def _sent(self, until_usec):
        """Two lists of facts: to be stored, and sent to nobody."""
        facts = air_facts()
        voids = list(self._void_times(facts))
        owed, void = [], []
        for fact in facts:
            if fact.what != 'sent' or fact.sensor not in self.sensors or not self._is_measurement(fact.packet):
                continue
            if not self.since_usec <= fact.t_usec <= until_usec:
                continue
            nobody = any(sensor == fact.sensor and begin <= fact.t_usec <= end for sensor, begin, end in voids)
            (void if nobody else owed).append(fact)
        return owed, void

    @staticmethod
    def _ever_sent():
        return count_packets(fact for fact in air_facts() if fact.what == 'sent')

    @staticmethod
    def _is_measurement(packet):
        return packet.split()[0] in ('2a37', '2a53', '2acd')

    def _missing(self, until_usec):
        owed, stored = count_packets(self._sent(until_usec)[0]), stored_packets()
        return [what for what, count in owed.items() if len(stored[what]) < count]

    def _not_heard(self, until_usec):
        """The sensors of which nothing is stored that they said since the last cut: of them the rest proves nothing."""
        last_cut, stored = dict(sorted((sensor, at) for at, sensor in self._cuts)), stored_packets()
        heard = {fact.sensor for fact in self._sent(until_usec)[0]
                 if fact.t_usec > last_cut.get(fact.sensor, 0) and stored[fact.sensor, fact.packet]}
        return [sensor for sensor in self.sensors if sensor not in heard | self._gone]

    def close(self):
        """Counts; raises Failed if a measurement was lost or doubled, or is in the wrong runner's recording, if a
        sensor has none or if a runner was without live messages for longer than is allowed."""
        self.wait_heard()
        until_usec = now_usec()
        wait_until_none(lambda: self._missing(until_usec))
        owed, void = (count_packets(facts) for facts in self._sent(until_usec))
        stored, ever = stored_packets(), self._ever_sent()
        count = Count(sent=sum(owed.values()) + sum(void.values()), void=sum(void.values()),
                      stored=sum(min(len(stored[what]), n) for what, n in owed.items()),
                      lost=sum(max(0, n - len(stored[what])) for what, n in owed.items()),
                      doubled=sum(max(0, len(stored[what]) - ever[what]) for what in owed),
                      **self._delivered(until_usec))
        self._check(count, until_usec, stored, owed)
        return count

    def _delivered(self, until_usec):
        """How many live messages came, the longest time without one while a session was open, and how many a second
        where it is no outage, or the one time for which the machine stood still."""
        longest, rates, total = [0], [1], 0
        for runner in self.sessions:
            times = [t for t, who, live in list(self.broker.live)
                     if who == runner and live['session'] and self.since_usec <= t <= until_usec]
            total += len(times)
            edges = [self.since_usec, *times, until_usec]
            gaps = sorted(after - before for before, after in zip(edges, edges[1:]))
            longest.append(gaps[-1])
            rest = gaps[:-self.outages]
            if sum(rest) >= LIVE_LEAST_USEC:
                rates.append(len(rest) / (sum(rest) / 1e6))
        return {'live': total, 'gap_s': max(longest) / 1e6, 'live_hz': min(rates)}

    def _check(self, count, until_usec, stored, owed):
        strangers = [(sensor, runner) for (sensor, packet) in owed for runner in stored[sensor, packet]
                     if runner != self._owners.get(sensor, runner)]
        if strangers:
            raise Failed('in the recording of somebody else: %s' % strangers[:3])
        if count.lost or count.doubled:
            raise Failed('%s; lost: %s' % (count, [self._place(what) for what in self._missing(until_usec)[:5]]))
        if self._not_heard(until_usec):
            raise Failed('%s; nothing stored of: %s' % (count, self._not_heard(until_usec)))
        if count.gap_s > self.gap_s:
            raise Failed('%s; a runner may be without live figures for %s s' % (count, self.gap_s))
        if count.live_hz < LIVE_HZ_MIN:
            raise Failed('%s; a live message comes each second' % (count,))

    def _place(self, what):
        """A packet among what happened to its sensor just before and after it."""
        facts = [fact for fact in air_facts() if fact.sensor == what[0]]
        at = [number for number, fact in enumerate(facts) if fact.packet == what[1]][0]
        return '; '.join('%.3f %s %s' % (fact.t_usec / 1e6, fact.what, fact.packet)
                         for fact in facts[max(0, at - 4):at + 3])
