# SPDX-License-Identifier: MIT
"""The power goes while the daemon writes. Its writes, syncs and renames are recorded (disk_journal.c); from
the record come disks as a power cut may leave them at any of these (crash_disk.py), and a daemon is started
on each, after a reboot."""
import os
import random
import re
import shutil
import signal

from crash_disk import CrashDisk, read_journal
from fault import FaultCase, fault
from harness import find_program
from runs import ANNA
from state import State
from syncs import under_way_s
from world import POD, STRAP, sensor

RATE = 5
LOSS_S = 10       # of live samples, at most
LATE_S = 0.2 * RATE # of simulated time, in which a disk that is not slow does what it was told in time
SLOW_S = 5 * RATE # that a disk may take for syncs: one that takes longer shows nothing of the daemon
ROUNDS = 6        # of the story that is recorded


class PowerCuts(FaultCase):
    def record(self):
        """A story of sessions that begin, end and are told, and what of it was promised by when."""
        self.prepare('pod:P:%s:awake,scenario=steady,odometer=500' % POD, 'strap:S:%s:awake,scenario=steady' % STRAP,
                     config=(ANNA, sensor('pod', POD), sensor('strap', STRAP)), rate=RATE)
        self.journal = os.path.join(self.world.folder, 'journal')
        os.mkdir(self.world.state)
        self.world.start(env={'LD_PRELOAD': find_program('libdisk_journal.so', 'STRIDED_DISK_JOURNAL'),
                              'DISK_JOURNAL': self.journal, 'DISK_JOURNAL_ROOT': str(self.world.state)}
                         ).wait_log(' is ready')
        # (how many operations there were, the session that is over from then on); and of those that began
        self.promised, self.begun = [], []
        self.wait_metres(10)
        for _ in range(ROUNDS):
            self.world.pass_time(self.rng.uniform(5, 40))
            session = self.world.ctl('session', 'stop')['data']['id']
            self.world.listener.wait('/event$', lambda m: m.json['id'] == session + '-end')
            self.promised.append((len(read_journal(self.journal)), session))
            session = self.world.ctl('session', 'start')['data']['id']
            self.world.listener.wait('/event$', lambda m: m.json['id'] == session + '-start')
            self.begun.append((len(read_journal(self.journal)), session))
        self.world.pass_time(15)
        self.look_at_stall()
        self.world.stop()
        self.check_balance({session + '-end' for _, session in self.promised} |
                           {session + '-start' for _, session in self.begun})
        return read_journal(self.journal)

    # ---- a disk after the cut ----

    @staticmethod
    def packet(line):
        """What it is, whichever number its sensor has in that recording."""
        _, at, _, uuid, rest = line.split(' ', 4)
        return at, uuid, rest.split(' ')[0]

    def packets(self, ops):
        """{packet: simulated seconds when it was first written to a recording}; a session begins with some that are
        older."""
        names = {op.inode for op in ops if op.kind == 'C' and op.data.endswith(b'.rec')}
        written, now = {}, 0
        for op in ops:
            if op.kind != 'W' or op.inode not in names:
                continue
            for line in op.data.decode().splitlines():
                if line.startswith('N '):
                    one = self.packet(line)
                    now = max(now, int(one[0]) / 1e6)
                    written.setdefault(one, now)
        return written

    @staticmethod
    def syncs(ops, cut):
        """Those that were asked for before the cut: (asked, done or cut), in simulated seconds as the last packet before
        had them; and when the cut is."""
        at, seen = {}, 0
        for op in ops:
            if op.kind == 'W' and op.data.startswith(b'N '):
                seen = int(op.data.split(b' ')[1]) / 1e6
            at[op.sequence] = seen
        end = ops[cut - 1].sequence
        return [(at.get(op.number, 0), min(at[op.sequence], at[end])) for op in ops
                if op.kind == 'S' and op.number <= end], at[end]

    def kept(self):
        """Packets that stand whole on the disk there is, once in each recording that has them."""
        found = set()
        for path in self.world.state.recordings():
            with open(path, errors='replace') as f:
                packets = [self.packet(line) for line in f
                           if re.match(r'N \d+ \d+ [0-9a-f]{4} [0-9a-f]+ \*[0-9a-f]{4}\n', line)]
            self.figures.doubled += len(packets) - len(set(packets))
            self.assertEqual(len(packets), len(set(packets)), path)
            found.update(packets)
        return found

    def check_service(self, before):
        """It starts, has nothing to complain of, and records what comes."""
        self.world.wait_control()
        self.wait_for(lambda: len(self.kept() - before) >= 2, 'packets to be recorded after the cut')
        self.assertEqual(self.world.daemon.logged('damaged|cannot be|Cannot'), [])
        self.assertEqual(self.world.problems(), [])

    def check_cut(self, ops, cut):
        written, end = self.packets(ops[:cut]), max(self.packets(ops[:cut]).values())
        self.world.sim.ctl('clock reboot')
        self.world.start_ready()
        self.check_service(set(self.packets(ops)))
        kept = self.kept()
        lost = [at for one, at in written.items() if one not in kept]
        loss_s = end - min(lost) if lost else 0
        self.longest_s = max(self.longest_s, loss_s)
        bound_s = LOSS_S + LATE_S + min(under_way_s(*self.syncs(ops, cut), LATE_S), SLOW_S)
        self.figures.lost += sum(at < end - bound_s for at in lost)
        self.assertLessEqual(loss_s, bound_s, '%d packets' % len(lost))
        ended = {row['id'] for row in self.world.state.rows("SELECT id FROM sessions WHERE state = 'ended'")}
        told = {session for at, session in self.promised if at <= cut}
        gone = (told - ended) | ({session for at, session in self.begun if at <= cut} - ended - self.world.state.begun())
        self.figures.events_lost += len(gone)
        self.assertEqual(gone, set())
        self.look_at_stall()
        self.world.stop()
        self.figures.sent += len(written)
        self.figures.stored += len(written) - len(lost)

    @fault('power-cut', 'A power cut at any moment costs at most 10 s of live samples, and nothing that was told: the '
           'database opens, sessions whose end is known stay ended, and the service goes on.', test=20, soak=200)
    def test_any_disk_that_fsync_allows_is_opened_and_nothing_promised_is_lost(self):
        ops = self.record()
        first = min(i for i, op in enumerate(ops) if op.kind == 'W' and op.data.startswith(b'N ')) + 1
        root, self.longest_s = str(self.world.state), 0
        self.figures.sent = self.figures.stored = self.figures.lost = self.figures.doubled = 0
        for turn in range(self.times):
            cut, seed = self.rng.randrange(first, len(ops) + 1), self.rng.getrandbits(32)
            self.world.state = State(os.path.join(self.world.folder, 'cut-%d' % turn))
            with self.subTest(cut=cut, seed=seed):
                CrashDisk(ops, cut, root).write(str(self.world.state), random.Random(seed))
                try:
                    self.check_cut(ops, cut)
                finally:
                    self.world.daemon.alive() and self.world.stop(signal.SIGKILL)
            shutil.rmtree(self.world.state, ignore_errors=True)
        self.figures.note += '%.1f s of samples at most' % self.longest_s
        self.check_stall()
