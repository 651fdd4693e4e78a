# SPDX-License-Identifier: MIT
"""A fault: one test method with a name, a promise and how often it strikes, in a class of FaultCase.

    class Kills(FaultCase):
        @fault('kill-session', 'No packet that was read is lost.', test=20, soak=500)
        def test_kills(self): ...

self.times is how often it is to strike this time, self.rng the random numbers of the printed seed, and
self.figures what it counts; the stall of the loop is watched for all of them, and held to STALL_MS where the
daemon may have the processor as soon as it wants it: a wait in the queue of a busy machine is no stall of
its own, nor is what the machine itself stood still. Where it may not, a fault that shows all the rest is
skipped: `not_held` says what it did not show."""
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'integration'))

from harness import Timeout  # noqa: E402
from runs import Runs  # noqa: E402
from world import PATIENCE, Subscriber, World, wait_until  # noqa: E402,F401

import unread  # noqa: E402
from figures import Figures  # noqa: E402
from pings import Pings  # noqa: E402
from standstill import Standstill  # noqa: E402

STALL_MS = 50
DAEMON = 'org.strided1' # on the bus
LOOK_S = 1 # of real time, in which the stall is looked at again while time passes
ASKED_EACH_S = 0.1 # of real time, on the average, or nobody saw anything
REAL_TIME = ['chrt', '--rr', '1'] # before all that runs as it happens to be its turn


@dataclass
class Fault:
    name: str
    promise: str
    test: int
    soak: int
    method: str = ''
    case: type = None


FAULTS = {}


def fault(name, promise, test=1, soak=1):
    def mark(method):
        assert name not in FAULTS, name
        FAULTS[name] = method.fault = Fault(name, promise, test, soak, method.__name__)
        return method
    return mark


def has_real_time():
    try:
        return subprocess.run(REAL_TIME + ['true'], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@dataclass
class Stall:
    """The longest of a daemon up to a look at its health, and between which looks it was."""
    ms: float
    since_s: float
    until_s: float


class FaultWorld(World):
    """A world that knows the longest stalls of each of its daemons, from each status that anybody asks it for."""

    def __init__(self, *args, **options):
        self.stalls, self.looked_s = [], 0 # a new one where it was longer than at the look before, which was then
        self.held_up = [] # (since, until): we did
        super().__init__(*args, **options)

    def new_life(self):
        self.looked_s = time.monotonic()
        self.stalls.append(Stall(0, self.looked_s, self.looked_s))

    def start(self, env=None, prefix=(), **options):
        before = REAL_TIME if has_real_time() else []
        self.new_life()
        return super().start(env=env, prefix=[*before, *prefix], **options)

    def stridectl(self, *words, **options):
        asked_s = time.monotonic()
        done = super().stridectl(*words, **options)
        if words == ('--json', 'status') and done[0] == 0:
            self._saw(json.loads(done[1])['data']['health']['loop_stall_ms'], asked_s)
        return done

    def _saw(self, ms, asked_s):
        if ms > self.stalls[-1].ms:
            self.stalls.append(Stall(ms, self.looked_s, time.monotonic()))
        self.looked_s = asked_s # what comes while it answers may be in it or not

    def look(self):
        self.stridectl('--json', 'status')

    def pass_time(self, seconds, rate=None):
        """With looks: what the machine did in hours is no excuse for a stall somewhere in them."""
        until, tried_s = self.now()[0] + seconds, self.looked_s

        def is_over():
            nonlocal tried_s
            if self.now()[0] >= until:
                return True
            if time.monotonic() - max(self.looked_s, tried_s) >= LOOK_S:
                tried_s = time.monotonic()
                self.look()
            return False
        with self.at_rate(rate) if rate else contextlib.nullcontext():
            wait_until(is_over, PATIENCE + seconds, 'the clock')

    @contextlib.contextmanager
    def held(self):
        """The daemon does nothing meanwhile; that is no stall of its own."""
        since_s = time.monotonic()
        self.daemon.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.daemon.process.send_signal(signal.SIGCONT)
            self.held_up.append((since_s, time.monotonic()))


class FaultCase(Runs):
    times, seed = 1, 0
    not_held = '' # why a part of the promise was not held to
    hidden = '' # the runner of whom no event can arrive

    @classmethod
    def make_ready(cls):
        """What is done once, before faults strike, and is no part of their time."""

    def __init_subclass__(cls):
        for value in list(vars(cls).values()):
            if hasattr(value, 'fault'):
                value.fault.case = cls

    def setUp(self):
        self.rng = random.Random(self.seed)
        self.figures = Figures()
        self.heard_before = [] # by listeners of this world that are gone
        self.standstill = Standstill() if has_real_time() else None
        if self.standstill:
            self.addCleanup(self.standstill.close)

    def make_world(self, *args, **options):
        self.world = FaultWorld(*args, **options)
        self.addCleanup(self.world.close)
        return self.world

    def look_at_stall(self):
        """Of those that were seen, by whoever looked."""
        self.world.look()
        for stall in self.world.stalls:
            self.figures.saw_stall(stall.ms or None)

    def check_stall(self):
        self.look_at_stall()
        if not self.standstill:
            self.not_held = 'no right to real time: all is as promised but the stall, which was not held to anything'
            return
        self.assertIsNotNone(self.figures.stall_ms, 'no daemon told')
        for stall in self.world.stalls:
            if stall.ms > STALL_MS:
                self.excuse(stall)

    def excuse(self, stall):
        """By what the machine stood still then, and by nothing that it did at another time."""
        machine_ms = max([self.machine_ms(stall.since_s, stall.until_s)] + [
            1000 * (until_s - since_s) for since_s, until_s in self.world.held_up
            if since_s <= stall.until_s and until_s >= stall.since_s])
        self.figures.note += ' (%.0f ms, while the machine stood still for %.0f ms)' % (stall.ms, machine_ms)
        self.assertLessEqual(stall.ms - machine_ms, STALL_MS, 'the loop stood still')

    def machine_ms(self, since_s, until_s):
        wait_until(lambda: self.standstill.looked_s() > until_s, PATIENCE, 'the witness of the machine')
        return self.standstill.longest_ms(since_s, until_s)

    @contextlib.contextmanager
    def asked_all_the_time(self):
        """The daemon, for a word, from outside: it is held to that as to what it says itself (check_stall())."""
        if not self.standstill:
            yield
            return
        self.world.wait_control()
        os.sched_setscheduler(self.world.bus.child.pid, os.SCHED_RR, os.sched_param(1)) # as the daemon
        pings, since_s = Pings(unread.path_of(self.world.bus), DAEMON), time.monotonic()
        self.addCleanup(pings.close)
        yield
        said = pings.end()
        self.assertGreater(said['asked'], (time.monotonic() - since_s) / ASKED_EACH_S, 'so few show nothing')
        self.figures.note += ' asked %d times: %.0f ms at most' % (said['asked'], said['longest_ms'])
        for sent_s, answered_s in said['slow']:
            took_ms = 1000 * (answered_s - sent_s)
            if took_ms > STALL_MS:
                machine_ms = self.machine_ms(sent_s, answered_s)
                self.figures.note += ' (%.0f ms, while the machine stood still for %.0f ms)' % (took_ms, machine_ms)
                self.assertLessEqual(took_ms - machine_ms, STALL_MS, 'the daemon did not answer')

    # ---- packets ----

    def sent(self):
        """Notifications that went out to a subscriber, by sensor of the simulator."""
        return {name: sum(self.world.sim.truth(name)['sent'].values())
                for name in self.world.sim.ctl('list').split()}

    def stored(self, since_s=0):
        """From that moment of the boot on. A session also keeps what came in the minutes before it was one, as the one
        before it may have: the same moment and bytes are the same packet."""
        packets = set()
        for path in self.world.state.recordings():
            lines = [tuple(words) for words in self.world.state.records('N', path)]
            assert len(lines) == len(set(lines)), 'a packet twice in ' + path
            packets |= {(at, uuid, bytes_) for _, at, _, uuid, bytes_ in lines if int(at) > since_s * 1e6}
        return len(packets)

    @contextlib.contextmanager
    def silence(self):
        """The sensors send nothing; what they sent before lies in the bus or beyond it."""
        names = self.world.sim.ctl('list').split()
        for name in names:
            self.world.sim.ctl('mute %s 1' % name)
        try:
            yield
        finally:
            for name in names:
                self.world.sim.ctl('mute %s 0' % name)

    @contextlib.contextmanager
    def at_calm(self):
        """Nothing is under way."""
        with self.world.at_rate(1), self.silence():
            self.world.ctl('status') # it comes to the daemon behind all packets, by the same bus
            yield

    def wait_links(self):
        """All links stand, also those that were cut while hours hurried by, where a machine that is busy for a moment is
        a silent sensor. What is sent to one that is being cut is stored nowhere."""
        before = self.sent()
        self.wait_for(lambda: all(count > before[name] for name, count in self.sent().items()), 'packets of all sensors')
        self.wait_for(lambda: all(s['state'] == 'streaming' for s in self.world.ctl('sensors')['data']['sensors']),
                      'all links')

    def calm(self, since_s=0):
        """(sent, stored since then, now) at a moment at which nothing is under way."""
        with self.at_calm():
            return sum(self.sent().values()), self.stored(since_s), self.world.now()[0]

    def check_packets(self, begun, in_flight=0, why=''):
        """Since `begun`, which is what calm() was then; in_flight: how many may be stored nowhere, as FAULTS.md says,
        and why."""
        def settled():
            sent, stored, _ = self.calm(begun[2])
            return sent - begun[0], stored, sent - begun[0] - stored
        with contextlib.suppress(Timeout):
            wait_until(lambda: settled()[2] <= in_flight, 10) # a disk that was away may be tried again only then
        sent, stored, missing = settled()
        self.figures.count(sent, stored, max(0, missing - in_flight), max(0, -missing))
        self.figures.note += ' %d %s' % (missing, why) if 0 < missing <= in_flight else ''
        self.assertEqual((self.figures.lost, self.figures.doubled), (0, 0), (missing, in_flight))

    # ---- events ----

    def hang_up(self):
        """The listener goes; the next listen() goes on where it was."""
        self.world.listener.catch_up()
        self.heard_before += self.world.listener.events()
        self.world.listener.kill()

    def check_events(self, promised=()):
        """Each session's start and end is at the broker, under its one id; promised: ids that commands were
        told of. To be called when no session is under way."""
        self.wait_for(lambda: not self.sessions(), 'no session to be left')
        self.check_balance(promised)

    def check_balance(self, promised=()):
        """As check_events(), also of a daemon that is gone."""
        world = self.world

        def balance():
            events = self.heard_before + world.listener.events()
            heard = [e['id'] for e in events if e['kind'] in ('session_start', 'session_end')]
            ended = world.state.rows("SELECT id FROM sessions WHERE state = 'ended' AND runner IS NOT ? AND file IS NULL",
                                     self.hidden) # of a file there is no start to be told of
            return {'%s-%s' % (row['id'], what) for what in ('start', 'end') for row in ended} | set(promised), heard

        def is_even():
            made, heard = balance()
            return made == set(heard) and not world.state.rows('SELECT id FROM events WHERE refused = 0')
        with contextlib.suppress(Timeout):
            wait_until(is_even, PATIENCE, 'all events', 0.1)
        self.count_events(*balance())

    def count_events(self, made, heard):
        figures = self.figures
        figures.made, figures.delivered = len(made), len(set(heard))
        figures.again = len(heard) - len(set(heard))
        figures.events_lost = len(made - set(heard))
        figures.events_doubled = len(set(heard) - made)
        self.assertEqual((made - set(heard), set(heard) - made), (set(), set()))
