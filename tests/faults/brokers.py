# SPDX-License-Identifier: MIT
"""A broker that is away, refuses, forgets, or is at the end of a bad road: no event is lost, memory stays as it
is, and what the broker takes goes on."""
import os
import shutil
import signal
import tempfile

from fault import FaultCase, fault
from proxy import Proxy
from runs import ANNA, BEN, POD2
from world import PATIENCE, POD, sensor, wait_until

GROWTH_BYTES = 1 << 20 # of what is the daemon's own, while all waits
NIGHT_HOURS = 8
POD_SIM = 'pod:P:%s:awake,scenario=steady,odometer=500,sleep=1000000' % POD


class BrokerFaults(FaultCase):
    def begin(self, *more_sensors, config=(), rate=20):
        self.prepare(POD_SIM, *more_sensors, config=(ANNA, sensor('pod', POD, IdleTimeout='1h'), *config), rate=rate)

    def through(self, proxy):
        self.addCleanup(proxy.close)
        self.world.write_config(mqtt=['Uri=mqtt://127.0.0.1:%d' % proxy.port])
        return proxy

    def start(self):
        self.world.start_ready()
        self.wait_metres(20)
        self.world.wait_event('session_start')
        self.own = self.own_bytes()
        self.begun = self.calm()

    def health(self):
        return self.world.ctl('status')['data']['health']

    def own_bytes(self):
        return self.health()['anon_bytes']

    def turn(self, runner='anna'):
        """A session ends, and another begins: two events."""
        self.world.ctl('session', 'stop', runner)
        self.world.ctl('session', 'start', runner)

    def count_turn(self):
        """Its packets, before hours hurry by: in these a machine that is busy for 20 ms is 12 s of silence."""
        self.wait_links()
        begun = self.calm()
        self.turn()
        self.wait_metres(20)
        self.check_packets(begun)

    def finish(self):
        """Nothing lost, nothing dropped, no more memory than before."""
        grown = self.own_bytes() - self.own
        self.figures.note += ' %+d KiB' % (grown / 1024)
        self.assertLess(grown, GROWTH_BYTES)
        if not self.hidden: # a runner whose session is over
            self.check_packets(self.begun)
        self.check_stall()
        for session in self.sessions():
            self.world.ctl('session', 'stop', session['runner'])
        self.wait_for(lambda: not self.sessions(), 'the end')
        self.check_events()
        self.assertEqual(self.health()['events_dropped'], 0)

    @fault('broker-night', 'A broker that is away for a night gets every event of it in the morning, in order, and the '
           'daemon needs no more memory for that.')
    def test_away_for_a_night(self):
        self.begin()
        self.start()
        self.world.broker.stop()
        for _ in range(NIGHT_HOURS):
            self.count_turn()
            self.world.pass_time(3600, rate=600)
        self.assertGreaterEqual(self.health()['events_waiting'], 2 * NIGHT_HOURS)
        self.world.broker.start()
        self.wait_links()
        self.begun = self.calm()
        self.finish()
        at = [e['at'] for e in self.world.listener.events()]
        self.assertEqual(at, sorted(at))

    @fault('broker-login', 'A broker that refuses the login is told of, asked again, and gets what waited when it lets '
           'the daemon in.')
    def test_refusing_login(self):
        self.begin()
        self.start()
        self.hang_up() # or it would be refused too, and end
        self.world.broker.stop()
        self.world.broker.extra = ('allow_anonymous false',)
        self.world.broker.start()
        self.world.daemon.wait_log('refuses us without a login')
        for _ in range(3):
            self.count_turn()
            self.world.pass_time(600, rate=300)
        self.assertEqual(self.health()['events_waiting'], 6)
        self.world.broker.stop()
        self.world.broker.extra = ()
        self.world.broker.start()
        self.world.listen()
        self.wait_links()
        self.begun = self.calm()
        self.finish()

    @fault('broker-slow', 'A broker that takes half a second for every packet holds up nobody: commands are answered and '
           'the loop runs on.', test=5, soak=50)
    def test_slow(self):
        self.begin(rate=5)
        proxy = self.through(Proxy(self.world.broker.port))
        self.start()
        proxy.slow(0.5)
        for _ in range(self.times):
            self.turn()
            self.world.pass_time(20)
        self.look_at_stall()
        proxy.slow(0)
        self.finish()

    @fault('broker-cut', 'A link that is cut in the middle of a packet loses no event and doubles none.', test=10, soak=200)
    def test_cut_in_the_middle_of_a_packet(self):
        self.begin()
        proxy = self.through(Proxy(self.world.broker.port, self.rng))
        self.start()
        for _ in range(self.times):
            links = self.links()
            before = proxy.cuts
            self.world.pass_time(self.rng.uniform(20, 40))
            proxy.cut()
            self.turn()
            wait_until(lambda: proxy.cuts > before, PATIENCE, 'a packet to be cut')
            wait_until(lambda: self.links() > links, PATIENCE, 'the daemon at the broker again')
        self.finish()

    def links(self):
        return self.world.broker.log().count(' as strided-')

    @fault('broker-forgets', 'A broker that comes back and remembers nothing is told the whole state anew, and every event '
           'that it had not confirmed.', test=3, soak=30)
    def test_restarted_without_what_it_kept(self):
        self.begin()
        self.start()
        for _ in range(self.times):
            self.wait_for(lambda: not self.waiting(), 'the broker to have all events')
            self.hang_up() # who listens comes back with the broker
            self.world.broker.child.send(signal.SIGSTOP) # so that it confirms none
            self.turn()
            self.wait_for(lambda: len(self.waiting()) == 2, 'an end and a start to wait')
            waiting = self.waiting()
            self.come_back_with_nothing()
            for one in waiting:
                self.world.listener.wait('/event$', lambda m, one=one: m.json['id'] == one, what='event ' + one)
            self.wait_for(lambda: {'status', 'info', 'sensor/pod', 'runner/anna/session'} <=
                          set(self.world.broker.retained(5)), 'the retained topics')
        self.finish()

    def waiting(self):
        return [row['id'] for row in self.world.state.rows('SELECT id FROM events ORDER BY rowid')]

    def come_back_with_nothing(self):
        """With a subscriber that was there before the daemon was."""
        links = self.links()
        self.world.broker.stop(signal.SIGKILL)
        with self.world.held():
            if os.path.exists(self.kept()):
                os.remove(self.kept())
            self.world.broker.start()
            self.world.listen()
        self.wait_for(lambda: self.links() > links, 'the daemon at the broker')

    def kept(self):
        return os.path.join(self.world.broker.folder, 'mosquitto.db')

    @fault('broker-refuses-topic', 'A topic that the broker refuses for ever holds up no other: its events are tried three '
           'times, marked and counted, all others arrive.', test=5, soak=100)
    def test_one_topic_refused_for_ever(self):
        folder = tempfile.mkdtemp(prefix='strided-test-')
        self.addCleanup(shutil.rmtree, folder)
        rules = os.path.join(folder, 'rules')
        with open(rules, 'w') as f:
            f.write('topic readwrite #\ntopic deny strided/hall/runner/ben/event\n')
        os.chmod(rules, 0o700)
        self.begin('pod:Q:%s:awake,scenario=steady,odometer=500' % POD2, config=(BEN, sensor('shoe', POD2, runner='ben')))
        self.world.broker.stop()
        # with 0, for no limit, mosquitto 2.0 cuts the link of whoever it refuses a message
        self.world.broker.extra = ('acl_file ' + rules, 'max_queued_messages 100000')
        self.world.broker.start()
        self.world.listener.catch_up() # one that is away may read nothing, by such rules
        self.start()
        self.wait_metres(20, 'ben')
        for _ in range(self.times):
            self.turn('ben')
            self.turn('anna')
            self.world.pass_time(30)
        self.check_packets(self.begun) # of both, while both have a session
        self.world.ctl('session', 'stop', 'ben')
        self.wait_for(lambda: [r['refused'] for r in self.world.state.rows('SELECT refused FROM events')] ==
                      [1] * 2 * (self.times + 1), 'all of ben to be marked')
        self.figures.note += ' %d refused' % (2 * (self.times + 1))
        self.hidden = 'ben'
        self.finish()
