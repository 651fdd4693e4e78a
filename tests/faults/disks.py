# SPDX-License-Identifier: MIT
"""A disk that is slow, full, read-only or lies; and a resolver that hangs."""
import binascii
import errno
import glob
import os
import time

from fault import FaultCase, fault
from runs import ANNA
from slow_world import SlowWorld
from world import POD, STRAP, sensor

SESSIONS = 4
SOME_PAGES_M = 600 # 20 KB of a recording
SYNC_MS = 2000
HANG_MS = 30000
NOT_FOUND = 'its name could not be looked up'
HEADER = 16 # bytes, by which SQLite knows a database of its own
ANSWER_S = 1
STOP_S = 15 # when it would be ended by force


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def declared(text):
    """What the whole lines of a recording say of whose it is, since when and with which sensors, in their place or in
    a copy of it (lib/recording.h)."""
    said = set()
    for line in text.split(b'\n'):
        words, _, crc = line.rpartition(b' *')
        if crc != b'%04x' % binascii.crc_hqx(words, 0xffff):
            continue
        if words.startswith(b'C '):
            words = words.split(b' ', 2)[2]
        if words[:1] in (b'A', b'R', b'K', b'S', b'G'):
            said.add(words)
    return said


def packets_of(text):
    """Of the whole lines of a recording: (when, which measurement, its bytes)."""
    found = [words.split()[1:5] for words, _, crc in (line.rpartition(b' *') for line in text.split(b'\n'))
             if words.startswith(b'N ') and crc == b'%04x' % binascii.crc_hqx(words, 0xffff)]
    packets = [(int(at), uuid, data) for at, _, uuid, data in found]
    assert len(packets) == len(set(packets)), 'a packet twice'
    return set(packets)


def needed(text):
    """Less the moments of a boot between its first and its last: a restart makes one."""
    said = declared(text)
    boots = {}
    for words in said:
        if words[:1] == b'A':
            _, boot, at, _, _ = words.split()
            boots.setdefault(boot, []).append((int(at), words))
    return said - {words for at in boots.values() for _, words in sorted(at)[1:-1]}


class DiskFaults(FaultCase):
    def begin(self, rate=20, start=True):
        self.prepare('pod:P:%s:awake,scenario=steady,odometer=500,sleep=1000000' % POD,
                     'strap:S:%s:awake,scenario=steady' % STRAP,
                     config=(ANNA, sensor('pod', POD, IdleTimeout='1h'), sensor('strap', STRAP)), rate=rate)
        self.slow = SlowWorld(self.world.folder, str(self.world.state))
        if start:
            self.start()
            self.wait_metres(20)

    def start(self):
        self.world.start(env=self.slow.environment()).wait_log(' is ready')

    def turn(self):
        """A session ends, and another begins, each said at once; the one that ended."""
        ids = []
        for do in ('stop', 'start'):
            begun = time.monotonic()
            ids.append(self.world.ctl('session', do)['data']['id'])
            self.assertLess(time.monotonic() - begun, ANSWER_S)
        return ids[0]

    def finish(self, begun=None):
        """All packets since `begun` are stored, all events told, nothing is wrong any more."""
        self.wait_for(lambda: not self.world.problems(), 'no problem to be left')
        if begun:
            self.check_packets(begun)
        self.check_stall()
        self.world.ctl('session', 'stop')
        self.wait_for(lambda: not self.sessions(), 'the end')
        self.check_events()

    @fault('disk-slow', 'While each fsync takes 2 s nothing else waits for it: packets are taken, commands answered, live '
           'figures go out, and a recording that somebody removed is put back.', test=4, soak=60)
    def test_fsync_takes_two_seconds(self):
        self.begin(rate=2)  # any faster, and a sync each 8 s is more than such a disk can do
        begun, removed = self.calm(), []
        self.slow.order(sync_ms=SYNC_MS)
        with self.asked_all_the_time():
            self.wait_slow_end()
            for _ in range(self.times):
                self.turn()
                since = self.world.listener.mark()
                live = self.world.listener.wait('/live$', lambda m: m.json['session'], since=since, seconds=10)
                removed.append(self.world.state.recording(live.json['session']))
                # the disk does one thing after the other, and would be ever further behind
                self.wait_for(lambda: all(map(os.path.exists, removed)), 'the recordings to be there')
                os.remove(removed[-1])
                self.world.pass_time(20)
            self.slow.order(sync_ms=0)
            self.wait_for(lambda: all(map(os.path.exists, removed)), 'the recordings to be put back')
        self.finish(begun)

    def wait_problem(self, words):
        self.wait_for(lambda: words in ' '.join(self.world.problems()), 'it to be said: ' + words)

    def wait_slow_end(self):
        """A session's end is told when it is on the disk: that it takes so long is what this fault is."""
        begun = time.monotonic()
        end = self.turn() + '-end'
        self.world.listener.wait('/event$', lambda m: m.json['id'] == end, what=end)
        self.assertGreater(time.monotonic() - begun, SYNC_MS / 1000)

    def refuse(self, error, word):
        self.begin()
        begun = self.calm()
        for turn in range(self.times):
            self.slow.order(error=error)
            self.world.pass_time(self.rng.uniform(5, 40))
            self.wait_problem(word)
            if turn % 2:
                self.turn()
            self.world.listener.wait('/live$', since=self.world.listener.mark())
            self.slow.order(error=0)
            self.wait_for(lambda: not self.world.problems(), 'the disk to be used again')
            self.world.pass_time(self.rng.uniform(0, 20))
        self.finish(begun)

    @fault('disk-full', 'A disk that is full loses nothing once there is room: packets and events wait in memory, and it is '
           'said.', test=6, soak=60)
    def test_full_and_back(self):
        self.refuse(errno.ENOSPC, 'No space left on device')

    @fault('disk-read-only', 'A state folder that turns read-only, as a file system does by itself after an error, loses '
           'nothing once it is writable again.', test=6, soak=60)
    def test_read_only_and_back(self):
        self.refuse(errno.EROFS, 'Read-only file system')

    @fault('disk-read-only-start', 'A daemon that starts on a read-only state folder runs on memory, says so, and stores all '
           'of it when it may.')
    def test_read_only_from_the_start(self):
        self.begin(start=False)
        os.mkdir(self.world.state)
        self.slow.order(error=errno.EROFS)
        self.start()
        self.wait_metres(20)
        begun = self.calm() # of what comes from now on much is in memory only
        self.wait_metres(100)
        self.wait_problem('Recordings cannot be written')
        self.assertEqual(self.world.state.recordings(), [])
        self.slow.order(error=0)
        self.wait_for(lambda: not self.world.problems(), 'the disk to be used again')
        self.wait_metres(self.wait_metres(100)['distance_m'] + 100)
        self.finish(begun)

    # ---- bytes that are not what was written ----

    def damage(self, path, size=None):
        """Some bytes, anywhere (in the first so many); what stands there then."""
        with open(path, 'r+b') as f:
            size = size or f.seek(0, os.SEEK_END)
            for _ in range(self.rng.choice((1, 10, 100))):
                f.seek(self.rng.randrange(size))
                f.write(bytes([self.rng.randrange(256)]))
        return read(path)

    def results(self):
        return {row['id']: (row['state'], row['day'], round(row['distance_m'] or 0))
                for row in self.world.state.rows('SELECT * FROM sessions')}

    @fault('database-damaged', 'A database with random bytes in it is used where it is sound or set aside and made again from '
           'the recordings: every session is there with its figures, and the service goes on.', test=10, soak=200)
    def test_random_bytes_in_the_database(self):
        self.begin()
        begun = self.calm()
        for _ in range(SESSIONS - 1):
            self.wait_metres(60)
            self.turn()
        self.check_packets(begun)
        self.world.ctl('session', 'stop')
        self.wait_for(lambda: len(self.results()) == SESSIONS and not self.world.state.rows('SELECT id FROM events'),
                      'all to be stored and told')
        aside = 0
        for turn in range(self.times):
            before = self.results()
            self.look_at_stall()
            self.world.stop()
            self.damage(os.path.join(self.world.state, 'strided.db'), HEADER if turn == 0 else None)
            self.start()
            self.world.wait_control()
            aside += len(self.world.daemon.logged('was damaged: set aside'))
            self.wait_for(lambda: self.results() == before, 'the results of %d sessions' % len(before))
        self.figures.note += ' %d of %d set aside' % (aside, self.times)
        self.assertGreater(aside, 0, 'one that is no database any more')
        self.have_session()
        begun = self.calm()
        self.wait_metres(20)
        self.check_packets(begun)
        self.check_stall()
        self.world.ctl('session', 'stop')
        self.check_events()

    @fault('recording-damaged', 'A recording with random bytes in it loses the lines that were hit and no other, and its session '
           'goes on: what says whose it is, since when and with which sensors is lost only where each of its copies was hit. '
           'A database that is lost is made again from it with the same figures.', test=10, soak=200)
    def test_random_bytes_in_a_recording(self):
        self.begin()
        begun, hit_packets, lost = self.calm(), set(), set()
        session = self.wait_metres(SOME_PAGES_M)['id']
        for _ in range(self.times):
            self.look_at_stall()
            with self.at_calm(): # what comes while it ends is not waited for
                self.world.stop()
            path = os.path.join(self.world.state, 'sessions', session + '.rec')
            before, hit = read(path), self.damage(path)
            hit_packets |= {one for one in packets_of(before) - packets_of(hit) if one[0] > begun[2] * 1e6}
            self.start()
            if needed(before) - declared(hit):
                lost.add(session)
                session = self.begin_another()
                continue
            at = self.wait_session(lambda s: s['id'] == session, 'the session')
            self.wait_metres(at['distance_m'] + 20)
            self.assertLessEqual(set(before.splitlines()) & set(hit.splitlines()), set(read(path).splitlines()))
        self.check_packets_but(begun, hit_packets)
        self.figures.note += ' %d of %d in every copy of a line' % (len(lost), self.times) if lost else ''
        self.lose_database()
        self.check_stall()
        self.check_events({one + '-start' for one in lost})

    def check_packets_but(self, begun, hit):
        """All are there since `begun`, which was calm() then, but for those whose lines were hit; some stand in another
        recording, too: that of a runner whose session lost its own name, and goes on as a new one."""
        with self.at_calm():
            sent = sum(self.sent().values()) - begun[0]
            there = {one for path in self.world.state.recordings() for one in packets_of(read(path))
                     if one[0] > begun[2] * 1e6}
        stored, hit = len(there), len(hit - there)
        missing = sent - stored - hit
        self.figures.count(sent, stored, max(0, missing), max(0, -missing))
        self.figures.note += ' %d packets hit' % hit
        self.assertEqual(missing, 0, 'packets that no byte hit')

    def begin_another(self):
        """The one there was is no session of its runner any more; the next has some pages, too."""
        self.world.wait_control()
        self.world.stridectl('session', 'stop')
        self.have_session()
        return self.wait_metres(SOME_PAGES_M)['id']

    def lose_database(self):
        self.world.ctl('session', 'stop')
        self.wait_for(lambda: self.results() and not self.sessions() and not self.world.state.rows('SELECT id FROM events'),
                      'the result to be stored and told') # what was not told yet is lost with it
        before = self.results()
        self.look_at_stall()
        self.world.stop()
        for path in glob.glob(os.path.join(self.world.state, 'strided.db*')):
            os.remove(path)
        self.start()
        self.wait_for(lambda: self.results() == before, 'the same results: %s' % before)

    # ---- a resolver ----

    @fault('dns-hangs', 'A name server that is silent for 30 s holds up neither the loop nor a stop; the broker is found when '
           'it answers.')
    def test_a_lookup_that_hangs(self):
        self.begin(start=False)
        self.slow.order(lookup_ms=HANG_MS)
        self.start()
        self.wait_metres(20)
        begun = self.calm()
        with self.asked_all_the_time():
            for _ in range(3):
                self.turn()
                self.world.pass_time(60)
        self.check_packets(begun)
        self.world.listener.catch_up()
        self.assertEqual(self.world.listener.events(), [], 'nobody found the broker')
        self.look_at_stall()
        with self.world.at_rate(1): # what comes while it ends is not waited for
            stopping = time.monotonic()
            self.world.stop() # in the middle of a look-up
            self.figures.note += ' %.1f s to stop' % (time.monotonic() - stopping)
            self.assertLess(time.monotonic() - stopping, STOP_S)
            self.start()
            begun = time.monotonic()
            self.world.daemon.wait_log('still connecting after')
            self.world.daemon.wait_log(NOT_FOUND)
            self.figures.note += ', %.0f s to look a name up in vain' % (time.monotonic() - begun)
        self.world.wait_control()
        self.slow.order(lookup_ms=0)
        self.finish()
