# SPDX-License-Identifier: MIT
"""The power goes while the daemon writes. Its writes, syncs and renames are recorded (disk_journal.c); from
the record come disks as a power cut may leave them at any of these (crash_disk.py), and a daemon is started
on each, after a reboot. Files are put into its import folder, which lies on that disk too, and taken away by it."""
import gzip
import hashlib
import os
import random
import re
import shutil
import signal

from crash_disk import CrashDisk, distinct, put, read_journal
from fault import FaultCase, fault
from files import on_day
from harness import find_program
from runs import ANNA
from state import State
from syncs import under_way_s
from world import POD, STRAP, sensor

RATE, LATER_RATE = 2, 5 # of the story that is recorded, of what comes after a cut
LOSS_S = 10       # of live samples, at most
DISK_S = 2        # of these: what a disk may take for a sync; all of simulated time, as of a disk so much slower
BREATH_S = 0.2 * RATE # between two syncs of one that is at them without a rest
ROUNDS = 4        # of the story
TRIES = 1000      # for a moment at which the disk is not too slow to show anything of the daemon
PACKET = re.compile(r'N \d+ \d+ [0-9a-f]{4} [0-9a-f]+ \*[0-9a-f]{4}')


class PowerCuts(FaultCase):
    def record(self):
        """A story of sessions that begin, end and are told, and what of it was promised by when."""
        self.prepare('pod:P:%s:awake,scenario=steady,odometer=500' % POD, 'strap:S:%s:awake,scenario=steady' % STRAP,
                     config=(ANNA, sensor('pod', POD), sensor('strap', STRAP)), rate=RATE)
        self.settings = self.world.config_text
        self.journal, disk = (os.path.join(self.world.folder, name) for name in ('journal', 'disk'))
        self.use(disk)
        os.makedirs(self.inbox)
        os.mkdir(self.world.state)
        self.by_others = [op for folder in (self.world.state, os.path.dirname(self.inbox), self.inbox)
                          for op in put(0, str(folder))]
        self.files = [] # (when it was there as the journal counts, its name, what is in it)
        self.world.start(env={'LD_PRELOAD': find_program('libdisk_journal.so', 'STRIDED_DISK_JOURNAL'),
                              'DISK_JOURNAL': self.journal, 'DISK_JOURNAL_ROOT': disk}
                         ).wait_log(' is ready')
        # (how many operations there were, the session that is over from then on); and of those that began
        self.promised, self.begun = [], []
        self.wait_metres(10)
        for turn in range(ROUNDS):
            self.put_file(turn)
            if turn == ROUNDS // 2:
                self.remove_recording()
            self.world.pass_time(self.rng.uniform(LOSS_S + 5, 40)) # a shorter one proves nothing of LOSS_S
            session = self.world.ctl('session', 'stop')['data']['id']
            self.world.listener.wait('/event$', lambda m: m.json['id'] == session + '-end')
            self.promised.append((self.done(), session))
            session = self.world.ctl('session', 'start')['data']['id']
            self.world.listener.wait('/event$', lambda m: m.json['id'] == session + '-start')
            self.begun.append((self.done(), session))
        self.wait_for(lambda: os.listdir(self.inbox) == [], 'all files to be taken')
        self.world.pass_time(15)
        self.look_at_stall()
        self.world.stop()
        self.check_balance({session + '-end' for _, session in self.promised} |
                           {session + '-start' for _, session in self.begun})
        ops = read_journal(self.journal)
        renamed = [op.data for op in ops if op.kind == 'R']
        self.assertEqual(sum(name.endswith(b'.gz') for name in renamed), ROUNDS, 'copies of files come by another name')
        self.assertEqual(sum(name.endswith(b'.rec') for name in renamed), 1, 'so does what is put back')
        return disk, distinct(sorted(ops + self.by_others, key=lambda op: op.sequence))

    def use(self, disk):
        """The daemon's, from now on."""
        self.world.state = State(os.path.join(disk, 'state'))
        self.inbox = os.path.join(disk, 'import', 'anna')
        self.world.write_config(self.settings + '[Import]\nFolder=%s\nAfter=delete\n' % os.path.dirname(self.inbox))

    def done(self):
        return len(read_journal(self.journal))

    def put_file(self, turn):
        name, data = 'run-%d.gpx' % turn, on_day(turn)
        path, after = os.path.join(self.inbox, name), self.done()
        with open(path + '.part', 'wb') as f: # a name that programs use on the way
            f.write(data)
            made = put(after, path, os.fstat(f.fileno()).st_ino, data)
        os.rename(path + '.part', path)
        self.by_others += made
        self.files.append((made[-1].sequence, name, data))

    def remove_recording(self):
        """That it is gone comes to no disk of ours before it is put back: who removes one and cuts the power has lost it."""
        path = self.world.state.recording(self.sessions()[0]['id'])
        os.remove(path)
        self.wait_for(lambda: os.path.exists(path), 'the recording to be put back')

    # ---- a disk after the cut ----

    @staticmethod
    def packet(line):
        """What it is, whichever number its sensor has in that recording."""
        _, at, _, uuid, rest = line.split(' ', 4)
        return at, uuid, rest.split(' ')[0]

    def packets(self, ops):
        """{packet: simulated seconds when it was first written to a recording}; a session begins with some that are
        older."""
        names = {op.inode for op in ops if op.kind == 'C' and b'.rec' in op.data} # also of one that is put back
        written, now = {}, 0
        for op in ops:
            if op.kind != 'W' or op.inode not in names:
                continue
            for line in op.data.decode(errors='replace').splitlines():
                if PACKET.fullmatch(line):
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
                seen = max(seen, int(op.data.split(b' ')[1]) / 1e6)
            at[op.sequence] = seen
        end = ops[cut - 1].sequence
        return [(at.get(op.number, 0), min(at[op.sequence], at[end])) for op in ops
                if op.kind == 'S' and op.number <= end], at[end]

    def kept(self):
        """Packets that stand whole on the disk there is, once in each recording that has them."""
        found = set()
        for path in self.world.state.recordings():
            with open(path, errors='replace') as f:
                packets = [self.packet(line) for line in f if line.endswith('\n') and PACKET.fullmatch(line[:-1])]
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

    def files_at(self, ops, cut):
        """{hash: (name, content)} of those that had been put there."""
        return {hashlib.sha256(data).hexdigest(): (name, data) for at, name, data in self.files
                if at <= ops[cut - 1].sequence}

    def check_files(self, files):
        """The one that was put there or the copy that is kept stands on that disk, whole."""
        for hash_, (name, data) in files.items():
            found = []
            for path, reader in ((os.path.join(self.inbox, name), open),
                                 (os.path.join(self.world.state, 'imported', 'anna', hash_ + '.gz'), gzip.open)):
                if os.path.exists(path):
                    with reader(path, 'rb') as f:
                        found.append(f.read())
            self.assertTrue(found and all(one == data for one in found), '%s is lost' % name)

    def imported(self):
        return sorted(row['file'] for row in self.world.state.rows('SELECT file FROM sessions WHERE file IS NOT NULL'))

    def moment(self, ops):
        """At which the disk is not behind with its syncs: what is lost then is the daemon's doing. Half of them just behind
        a packet: most of what a disk is told, it is told when sessions end and begin."""
        packets = [i + 1 for i, op in enumerate(ops) if op.kind == 'W' and op.data.startswith(b'N ')]
        for _ in range(TRIES):
            cut = self.rng.choice((self.rng.randrange(packets[0], len(ops) + 1), self.rng.choice(packets)))
            if under_way_s(*self.syncs(ops, cut), BREATH_S) <= DISK_S:
                return cut
            self.slow += 1
        return self.fail('this disk is too slow to show anything')

    def check_cut(self, ops, cut):
        files = self.files_at(ops, cut)
        self.check_files(files)
        written, end = self.packets(ops[:cut]), max(self.packets(ops[:cut]).values())
        self.world.sim.ctl('clock reboot')
        self.world.start_ready()
        self.check_service(set(self.packets(ops)))
        kept = self.kept()
        lost = [at for one, at in written.items() if one not in kept]
        loss_s = end - min(lost) if lost else 0
        self.longest_s = max(self.longest_s, loss_s)
        self.within += sum(at >= end - LOSS_S for at in lost)
        self.figures.lost += sum(at < end - LOSS_S for at in lost)
        self.assertLessEqual(loss_s, LOSS_S, '%d packets' % len(lost))
        self.wait_for(lambda: self.imported() == sorted(files), 'the runs of %d files, each once' % len(files))
        ended = {row['id'] for row in self.world.state.rows("SELECT id FROM sessions WHERE state = 'ended'")}
        done = ops[cut - 1].sequence
        told = {session for at, session in self.promised if at <= done}
        gone = (told - ended) | ({session for at, session in self.begun if at <= done} - ended - self.world.state.begun())
        self.figures.events_lost += len(gone)
        self.assertEqual(gone, set())
        self.look_at_stall()
        self.world.stop()
        self.figures.sent += len(written)
        self.figures.stored += len(written) - len(lost)

    @fault('power-cut', 'A power cut at any moment costs at most 10 s of live samples, and nothing that was told: the '
           'database opens, sessions whose end is known stay ended, a file that was put in is there or its copy is, and the '
           'service goes on.', test=20, soak=200)
    def test_any_disk_that_fsync_allows_is_opened_and_nothing_promised_is_lost(self):
        root, ops = self.record()
        self.longest_s = self.within = self.slow = 0
        self.world.set_rate(LATER_RATE)
        self.figures.sent = self.figures.stored = self.figures.lost = self.figures.doubled = 0
        for turn in range(self.times):
            cut, seed = self.moment(ops), self.rng.getrandbits(32)
            disk = os.path.join(self.world.folder, 'cut-%d' % turn)
            self.use(disk)
            with self.subTest(cut=cut, seed=seed):
                CrashDisk(ops, cut, root).write(disk, random.Random(seed))
                try:
                    self.check_cut(ops, cut)
                finally:
                    self.world.daemon.alive() and self.world.stop(signal.SIGKILL)
            shutil.rmtree(disk, ignore_errors=True)
        self.figures.note += '%d packets of at most the last %.1f s, %d moments of a slow disk left out' % (
            self.within, self.longest_s, self.slow)
        self.check_stall()
