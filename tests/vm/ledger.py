# SPDX-License-Identifier: MIT
"""
What was sent, what was stored and what was delivered.

    sent       by the sensors' simulator below HCI to whoever had subscribed (/run/air.log)
    stored     as a line N of a recording, with the very same bytes; each measurement is one of its kind
    delivered  the messages `live`, one a second of a session, that came out of the broker

Where a case takes bluetoothd, the adapter or the daemon away, a sensor does not know it at once. What it sent from
that moment until its link or its subscription ended was sent to nobody: it is counted apart, as `void`. All else
that was sent is to be stored, once.
"""
import collections
import glob

from world import OWNERS, STATE, Failed, now_usec, until

AIR_LOG = '/run/air.log'
MARGIN_USEC = 500_000       # what was on its way through kernel, bluetoothd and bus just then
SETTLED_USEC = 10_000_000   # a sensor's last words are stored within this

Fact = collections.namedtuple('Fact', 't_usec sensor what packet')
Count = collections.namedtuple('Count', 'sent void stored lost doubled live gap_s')


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


class Ledger:
    """Of one case, from when it is made."""

    def __init__(self, broker, sensors, sessions):
        self.broker, self.sensors, self.sessions = broker, sensors, sessions
        self.since_usec, self._cuts = now_usec(), []

    def cut(self, *sensors):
        """From now on, until it notices, such a sensor talks to nobody."""
        self._cuts += [(now_usec() - MARGIN_USEC, sensor) for sensor in sensors or self.sensors]

    def leave(self, *sensors):
        """Their runner's session ends in this case: what they send outside of one is nobody's."""
        self.sensors = [sensor for sensor in self.sensors if sensor not in sensors]
        self.sessions = [runner for runner in self.sessions if runner not in (OWNERS[sensor] for sensor in sensors)]

    def _void_times(self, facts):
        """(sensor, from, to) for each cut: to where its link or subscription ended, or was made anew."""
        for cut_usec, sensor in self._cuts:
            ends = [fact.t_usec for fact in facts if fact.sensor == sensor and fact.t_usec >= cut_usec + MARGIN_USEC
                    and fact.what in ('down', 'up', 'subscribed')]
            yield sensor, cut_usec, min(ends, default=cut_usec + 2 * MARGIN_USEC)

    def _sent(self, until_usec):
        """Two bags of (sensor, packet): to be stored, and sent to nobody."""
        facts = air_facts()
        voids = list(self._void_times(facts))
        owed, void = collections.Counter(), collections.Counter()
        for fact in facts:
            if fact.what != 'sent' or fact.sensor not in self.sensors or not self._is_measurement(fact.packet):
                continue
            if not self.since_usec <= fact.t_usec <= until_usec:
                continue
            nobody = any(sensor == fact.sensor and begin <= fact.t_usec <= end for sensor, begin, end in voids)
            (void if nobody else owed)[fact.sensor, fact.packet] += 1
        return owed, void

    @staticmethod
    def _ever_sent():
        return collections.Counter((fact.sensor, fact.packet) for fact in air_facts() if fact.what == 'sent')

    @staticmethod
    def _is_measurement(packet):
        return packet.split()[0] in ('2a37', '2a53', '2acd')

    def _missing(self, until_usec):
        owed, _ = self._sent(until_usec)
        stored = stored_packets()
        return [what for what, count in owed.items() if len(stored[what]) < count]

    def close(self):
        """Counts; raises Failed if a measurement was lost or doubled, or is in the wrong runner's recording."""
        until_usec = now_usec()
        try:
            until(lambda: not self._missing(until_usec), '', SETTLED_USEC / 1e6)
        except Failed:
            pass        # it is told below, with all the figures
        owed, void = self._sent(until_usec)
        stored, ever = stored_packets(), self._ever_sent()
        count = Count(sent=sum(owed.values()) + sum(void.values()), void=sum(void.values()),
                      stored=sum(min(len(stored[what]), n) for what, n in owed.items()),
                      lost=sum(max(0, n - len(stored[what])) for what, n in owed.items()),
                      doubled=sum(max(0, len(stored[what]) - ever[what]) for what in owed),
                      **self._delivered(until_usec))
        self._check(count, self._missing(until_usec), stored, owed)
        return count

    def _delivered(self, until_usec):
        """How many live messages came, and the longest time without one while a session was open."""
        gaps, total = [0], 0
        for runner in self.sessions:
            times = [t for t, who, _ in list(self.broker.live) if who == runner and self.since_usec <= t <= until_usec]
            total += len(times)
            edges = [self.since_usec, *times, until_usec]
            gaps += [after - before for before, after in zip(edges, edges[1:])]
        return {'live': total, 'gap_s': max(gaps) / 1e6}

    def _check(self, count, missing, stored, owed):
        strangers = [(sensor, runner) for (sensor, packet) in owed for runner in stored[sensor, packet]
                     if runner != OWNERS.get(sensor, runner)]
        if strangers:
            raise Failed('in the recording of somebody else: %s' % strangers[:3])
        if count.lost or count.doubled:
            raise Failed('%s; lost: %s' % (count, [self._place(what) for what in missing[:5]]))

    def _place(self, what):
        """A packet among what happened to its sensor just before and after it."""
        facts = [fact for fact in air_facts() if fact.sensor == what[0]]
        at = [number for number, fact in enumerate(facts) if fact.packet == what[1]][0]
        return '; '.join('%.3f %s %s' % (fact.t_usec / 1e6, fact.what, fact.packet)
                         for fact in facts[max(0, at - 4):at + 3])
