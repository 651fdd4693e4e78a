# SPDX-License-Identifier: MIT
"""The power of a machine goes while the daemon in it writes to its disk, and comes back (machine.py). The boot after
one cut is the one before the next. What the disk holds is looked at as the cut left it, before the daemon starts."""
import collections
import contextlib
import json
import os
import platform
import re
import sqlite3
import subprocess
import tempfile
import threading
import time

from fault import FaultCase, fault
from machine import BOOT_S, MachineWorld, make_image
from runs import ANNA
from state import State
from syncs import under_way_s
from world import HEART_RATE, POD, RSC, STRAP, sensor, wait_until

LOSS_S = 10     # of live samples, at most
DISK_S = 2      # of these: what a disk may take for a sync
IN_FLIGHT_S = 2 # before the end of a session: what has not come through an emulated network and processor
BREATH_S = 0.5  # between two syncs of one that is at them without a rest: what such a processor needs to ask for the next
LIFE_S = 25     # at most, from when the service runs to the cut
LONG_S = 13     # of packets, and no session that begins or ends: a shorter life proves nothing of LOSS_S
EARLY, EARLY_S = 0.25, 4 # a share of the cuts: so soon after the start
AT_ONCE = 0.3   # a share of the ends of sessions: cut as soon as it is told
PACE_HZ = 2
SOME = 10       # packets: of less, all could be gone within what is allowed
RECORDED = re.compile(r'(?:(A) (\S+) .*|(S) (\S+) (\S+) .*|(N) (\d+) (\d+) (%s|%s) ([0-9a-f]+)) \*[0-9a-f]{4}\n' %
                      (RSC, HEART_RATE))

Sent = collections.namedtuple('Sent', 'at_s packet')
Life = collections.namedtuple('Life', 'machine since_s end_s')


def now_s():
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def recorded(state, boot):
    """({sensor: its packets of that boot, in order}, how many stand twice in one recording); what stands in two sessions is
    the same packet."""
    found, doubled = collections.defaultdict(set), 0
    for path in state.recordings():
        names, at, lines = {}, None, collections.Counter()
        with open(path, errors='replace') as f:
            for line in filter(None, map(RECORDED.fullmatch, f)):
                if line[1]:
                    at = line[2]
                elif line[3]:
                    names[line[4]] = line[5]
                elif at == boot:
                    found[names[line[8]]].add((int(line[7]), line[9] + ' ' + line[10]))
                    lines[line[0]] += 1
        doubled += lines.total() - len(lines)
    return {name: [packet for _, packet in sorted(packets)] for name, packets in found.items()}, doubled


class MachineCuts(FaultCase):
    @classmethod
    def make_ready(cls):
        if platform.machine() == 'x86_64':
            make_image()

    def make_world(self, *args, **options):
        self.world = MachineWorld(*args, **options)
        self.addCleanup(self.world.close)
        return self.world

    def begin(self):
        if platform.machine() != 'x86_64':
            self.skipTest('the guest runs what was built here, and is made for x86_64 only')
        self.sent_path = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), 'sent')
        self.prepare('pod:pod:%s:awake,scenario=steady,odometer=500,hz=%d' % (POD, PACE_HZ),
                     'strap:strap:%s:awake,scenario=steady,hz=%d' % (STRAP, PACE_HZ),
                     config=(ANNA, sensor('pod', POD), sensor('strap', STRAP)), rate=None,
                     options=('--sent', self.sent_path))
        self.last = None # the life before
        self.losses = [] # of each cut: seconds, packets, for how long its disk was at its syncs then
        self.long_lives = 0
        self.open = None # the session that has to go on
        figures = self.figures
        figures.sent = figures.stored = figures.lost = figures.doubled = 0

    def handed_over(self, life):
        """{sensor: what it sent in that life to who had subscribed}"""
        found = collections.defaultdict(list)
        with open(self.sent_path) as f:
            for line in f:
                usec, name, packet = line.rstrip('\n').split(' ', 2)
                if line.endswith('\n') and life.since_s <= int(usec) / 1e6 <= life.end_s:
                    found[name].append(Sent(int(usec) / 1e6, packet))
        return found

    def has_sent(self, life):
        sent = self.handed_over(life)
        return all(len(sent[name]) >= SOME for name in ('pod', 'strap'))

    def is_long(self, life):
        sent = self.handed_over(life)
        return all(len(sent[name]) >= SOME and sent[name][-1].at_s - sent[name][0].at_s >= LONG_S
                   for name in ('pod', 'strap'))

    # ---- what is left of a life ----

    def check_packets_of(self, life, state, bound_s):
        """All up to some moment near its end are there, in order and once. (the longest time of which some are gone, how
        many are)"""
        kept, doubled = recorded(state, life.machine.boot)
        longest_s, gone = 0, 0
        self.figures.doubled += doubled
        self.assertEqual(doubled, 0)
        for name, sent in self.handed_over(life).items():
            stored = kept.get(name, [])
            lost = sent[len(stored):]
            self.figures.sent += len(sent)
            self.figures.stored += len(stored)
            self.figures.lost += sum(one.at_s < life.end_s - bound_s for one in lost)
            self.assertEqual(stored, [one.packet for one in sent[:len(stored)]], name)
            loss_s = life.end_s - lost[0].at_s if lost else 0
            print('%s: %.1f s lost, %.1f s allowed' % (name, loss_s, bound_s))
            longest_s, gone = max(longest_s, loss_s), gone + len(lost)
            self.assertLessEqual(loss_s, bound_s, '%d packets of the %s' % (len(lost), name))
        return longest_s, gone

    def check_cut(self, life, state):
        """A disk that had been at its syncs for longer than it may take for one is not the daemon's doing."""
        slow_s = under_way_s(life.machine.syncs(), life.end_s, BREATH_S)
        self.losses.append((*self.check_packets_of(life, state, LOSS_S + max(0, slow_s - DISK_S)), slow_s))

    def check_told(self, state):
        """What the broker heard of sessions holds: one whose end was told has its result, one whose start was told
        has that or its recording, in which it has begun."""
        self.world.listener.catch_up()
        ended = {row['id'] for row in state.rows("SELECT id FROM sessions WHERE state = 'ended'")}
        for kind, stands in (('session_end', ended), ('session_start', ended | state.begun())):
            told = {e['body']['id'] for e in self.world.listener.events() if e['kind'] == kind}
            self.figures.events_lost = (self.figures.events_lost or 0) + len(told - stands)
            self.assertEqual(told - stands, set(), kind)

    def check_database(self, state):
        with contextlib.closing(sqlite3.connect(os.path.join(str(state), 'strided.db'))) as db:
            self.assertEqual(db.execute('PRAGMA integrity_check').fetchall(), [('ok',)])

    def check_disk(self, machine):
        """As the cut before left it."""
        self.assertIn(int(machine.told('e2fsck ended').split()[-1]), (0, 1))
        machine.told('found')
        if self.last:
            state = State(machine.found())
            self.check_database(state)
            self.check_cut(self.last, state)
            self.check_told(state)

    def check_service(self):
        self.wait_for(lambda: all(s['state'] == 'streaming' for s in self.world.ctl('sensors')['data']['sensors']),
                      'the sensors to stream', BOOT_S)
        if self.open:
            self.wait_session(lambda s: s['id'] == self.open, 'the session to go on')
        else: # who ended one by hand begins the next by hand
            self.open = self.have_session()
        self.wait_for(lambda: self.world.problems() == [], 'nothing to be wrong')
        self.look_at_stall()

    # ---- a life ----

    def boot(self):
        """(the machine, since when)"""
        since_s = now_s()
        machine = self.world.start()
        self.check_disk(machine)
        machine.wait_log(' is ready', BOOT_S)
        return machine, since_s

    def ask(self, *words):
        """Of one who may be gone before the answer."""
        status, out, _ = self.world.stridectl('--json', *words)
        return json.loads(out)['data'] if status == 0 else None

    def is_told(self, session):
        return any(e['id'] == session + '-end' for e in self.world.listener.events())

    def run_until_cut(self, machine):
        """Sessions end and begin."""
        while machine.alive():
            with contextlib.suppress(subprocess.TimeoutExpired):
                machine.process.wait(self.rng.uniform(1, LIFE_S))
                return
            self.open = None
            ended = self.ask('session', 'stop')
            if not ended:
                continue
            wait_until(lambda: self.is_told(ended['id']) or not machine.alive(), BOOT_S, 'its end to be told')
            if self.rng.random() < AT_ONCE:
                machine.cut()
            started = self.ask('session', 'start')
            self.open = started and started['id']

    def live_long(self):
        """Nothing syncs but the recorder by its own clock. (the machine, since when)"""
        machine, since_s = self.boot()
        self.check_service()
        quiet_s = now_s()
        self.wait_for(lambda: self.is_long(Life(machine, quiet_s, now_s())), '%d s of packets' % LONG_S, BOOT_S)
        self.long_lives += 1
        with contextlib.suppress(subprocess.TimeoutExpired):
            machine.process.wait(self.rng.uniform(0, LIFE_S - LONG_S))
        self.assertTrue(machine.alive())
        machine.cut()
        return machine, since_s

    def live_short(self):
        machine, since_s = self.boot()
        early = self.rng.random() < EARLY
        if not early:
            self.check_service()
        cut = threading.Timer(self.rng.uniform(0, EARLY_S if early else LIFE_S), machine.cut)
        cut.start()
        self.run_until_cut(machine)
        cut.cancel()
        return machine, since_s

    def live(self, long):
        machine, since_s = self.live_long() if long else self.live_short()
        machine.process.wait()
        self.last = Life(machine, since_s, now_s())
        self.assertEqual(machine.logged('damaged|cannot be|Cannot'), [])
        self.world.sim.restart() # the machine's bluetoothd had no longer life

    def live_to_the_end(self):
        """The last one is turned off in order, when all is told."""
        machine, since_s = self.boot()
        self.check_service()
        self.wait_for(lambda: self.has_sent(Life(machine, since_s, now_s())), 'packets of this life', BOOT_S)
        end_s = now_s()
        self.world.ctl('session', 'stop')
        self.wait_for(lambda: not self.sessions(), 'the end')
        self.wait_for(lambda: self.world.ask('status')['data']['health']['events_waiting'] == 0, 'all events')
        self.look_at_stall()
        self.world.turn_off()
        self.assertNotEqual(list(machine.syncs()), [], 'its syncs are told')
        self.assertEqual(machine.logged('damaged|cannot be|Cannot'), [])
        self.check_packets_of(Life(machine, since_s, end_s), self.world.state, IN_FLIGHT_S)
        self.check_database(self.world.state)

    @fault('power-cut-machine', 'A machine whose power is cut at any moment comes back with a sound disk and database, '
           'without at most the last 10 s of live samples, and with all that was told; the service goes on.',
           test=3, soak=20)
    def test_a_machine_comes_back(self):
        self.begin()
        for turn in range(self.times):
            self.live(long=turn % 2 == 1)
        self.live_to_the_end()
        self.assertGreaterEqual(self.long_lives, self.times // 2)
        self.figures.note += '%d packets of at most the last %.1f s, %d long lives; lost s (disk at syncs): %s' % (
            sum(gone for _, gone, _ in self.losses), max(loss_s for loss_s, _, _ in self.losses), self.long_lives,
            ', '.join('%.1f (%.1f)' % (loss_s, slow_s) for loss_s, _, slow_s in self.losses))
        self.check_balance()
        self.assertEqual(self.world.disk.check(), '')
