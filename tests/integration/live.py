# SPDX-License-Identifier: MIT
"""The whole chain for a test: simulated sensors, the daemon, a broker, somebody who listens.

    class Something(Chain):
        def test_x(self):
            sim = self.start_sim('pod:P:%s:awake' % POD, rate=20)
            self.start_broker()
            daemon = self.start_daemon('[Runner anna]', pod())
            self.wait_state('pod', 'streaming')

The daemon is the one with the simulated clock when the simulator has one. Its log is kept and shown
when a test fails. What is asserted is what the simulator counted, what stands in the recordings and the
database, and what a client of the broker heard: three witnesses beside the daemon itself.
"""
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import unittest

from harness import Bus, Child, Mosquitto, Sim, Timeout, find_program, wait_until

POD, STRAP, BELT = 'C0:DE:00:00:00:01', 'C0:DE:00:00:00:02', 'C0:DE:00:00:00:03'
PATIENCE = 20 # seconds, for what should take one or two: the machine may be busy or valgrind's
RSC, HEART_RATE, TREADMILL = '2a53', '2a37', '2acd'


def sensor(name, address, runner='anna', **keys):
    """A section of the configuration; Grace is 0s unless told, so that nothing waits for a watch."""
    keys = dict({'Grace': '0s'}, **keys)
    return '[Sensor %s]\nAddress=%s\nRunner=%s\n%s\n' % (
        name, address, runner, ''.join('%s=%s\n' % item for item in keys.items()))


class Listener:
    """mosquitto_sub with a session of its own at the broker: what came while it was away comes later."""

    def __init__(self, broker, topic='strided/#'):
        program = find_program('mosquitto_sub', 'MOSQUITTO_SUB')
        self.heard = [] # (topic, payload, retained)
        self.child = Child([program, '-p', str(broker.port), '-i', 'listener', '-c', '-q', '1', '-F',
                            '%r %t %p', '-t', topic], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        wait_until(lambda: 'listener' in broker.log(), PATIENCE, 'the listener at the broker')

    def _read(self):
        for line in self.child.process.stdout:
            retained, topic, payload = line.decode().rstrip('\n').split(' ', 2)
            self.heard.append((topic, payload, retained == '1'))

    def topic(self, end, start=0):
        """Every payload of the topics that end so, oldest first, decoded where they are JSON."""
        return [json.loads(p) if p.startswith('{') else p
                for t, p, _ in list(self.heard)[start:] if t.endswith(end)]

    def events(self):
        return [e for e in self.topic('/event')]

    def close(self):
        self.child.send(signal.SIGTERM)
        self.thread.join(10)
        self.child.close()


class LoggingBroker(Mosquitto):
    def log(self):
        try:
            with open(os.path.join(self.folder, 'log'), errors='replace') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def retained(self, count):
        """The `count` retained topics under strided/, by name; fewer when there are fewer."""
        program = find_program('mosquitto_sub', 'MOSQUITTO_SUB')
        done = subprocess.run([program, '-p', str(self.port), '-q', '1', '--retained-only', '-C',
                               str(count), '-W', '2', '-F', '%t %p', '-t', 'strided/#'],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        pairs = (line.split(' ', 1) for line in done.stdout.decode().splitlines())
        return {t.split('/', 2)[2]: json.loads(p) if p.startswith('{') else p for t, p in pairs}


class Daemon:
    """strided in a state folder that outlives its processes."""

    def __init__(self, sim, broker, *sections):
        self.sim = sim
        self.folder = tempfile.mkdtemp(prefix='strided-test-')
        self.config = os.path.join(self.folder, 'strided.conf')
        self.state = os.path.join(self.folder, 'state')
        self.log_path = os.path.join(self.folder, 'log')
        mqtt = '[MQTT]\nUri=%s\n' % broker.uri if broker else ''
        with open(self.config, 'w') as f:
            f.write('[Gateway]\nName=gw\n%s[HomeAssistant]\nDiscovery=no\n%s\n' %
                    (mqtt, '\n'.join(sections)))
        self.child = None
        self.start()

    def start(self, wait=True):
        name = ('strided-sim', 'STRIDED_SIM') if self.sim.clock else ('strided', 'STRIDED')
        argv = os.environ.get('STRIDED_WRAPPER', '').split()
        argv += [find_program(*name), '--config', self.config, '--state-dir', self.state]
        ready = self.log().count(' is ready')
        with open(self.log_path, 'ab') as log:
            self.child = Child(argv, env=self.sim.environment(), stdout=log, stderr=log)
        if wait:
            wait_until(lambda: self.log().count(' is ready') > ready or not self.child.alive(),
                       PATIENCE, 'the daemon to be ready')
            assert self.child.alive(), self.log()

    def stop(self, number=signal.SIGTERM):
        status = self.child.stop(number, PATIENCE)
        if number == signal.SIGTERM:
            assert status == 0, 'the daemon ended with %d\n%s' % (status, self.log())
        self.child = None

    def log(self):
        try:
            with open(self.log_path, errors='replace') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def ctl(self, *words):
        """stridectl --json; the whole answer. Its name on the bus comes a moment after 'ready'."""
        def answered():
            done = subprocess.run([find_program('stridectl', 'STRIDED_STRIDECTL'), '--json', *words],
                                  env=dict(os.environ, **self.sim.environment()), check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
            return done if done.returncode != 3 or not self.child.alive() else None
        done = wait_until(answered, PATIENCE, 'the daemon on the bus')
        assert done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def sensor(self, name):
        return next(s for s in self.ctl('sensors')['data']['sensors'] if s['name'] == name)

    # ---- what it keeps ----

    def recordings(self):
        """Paths, oldest first."""
        folder = os.path.join(self.state, 'sessions')
        try:
            names = [n for n in os.listdir(folder) if n.endswith('.rec')]
        except FileNotFoundError:
            return []
        return [os.path.join(folder, n) for n in sorted(names)]

    def records(self, kind='', path=None):
        """The lines of one recording, or of all, as words without their checksums."""
        lines = []
        for one in [path] if path else self.recordings():
            with open(one) as f:
                lines += [line.rsplit(' *', 1)[0].split(' ') for line in f if line.endswith('\n')]
        return [words for words in lines if not kind or words[0] == kind]

    def recorded(self, uuid):
        """Notifications of that characteristic in all recordings."""
        return sum(words[3] == uuid for words in self.records('N'))

    def rows(self, query, *arguments):
        """Of its database; a table that is not there yet has no rows."""
        path = os.path.join(self.state, 'strided.db')
        if not os.path.exists(path):
            return []
        db = sqlite3.connect('file:%s?mode=ro' % path, uri=True, timeout=PATIENCE)
        db.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in db.execute(query, arguments)]
        except sqlite3.OperationalError as e:
            if 'no such table' in str(e):
                return []
            raise
        finally:
            db.close()

    def close(self):
        if self.child:
            self.child.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Chain(unittest.TestCase):
    def setUp(self):
        self.sim = self.broker = self.listener = self.daemon = None
        self.bus = self.enter(Bus())

    def enter(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def start_sim(self, *sensors, rate=None, options=()):
        arguments = [word for s in sensors for word in ('--sensor', s)]
        self.sim = self.enter(Sim(self.bus, *arguments, *options, clock=rate is not None))
        if rate:
            self.sim.ctl('clock rate %g' % rate)
        return self.sim

    def start_broker(self):
        self.broker = self.enter(LoggingBroker())
        self.listener = Listener(self.broker)
        self.addCleanup(self.listener.close)
        return self.broker

    def start_daemon(self, *sections):
        self.daemon = Daemon(self.sim, self.broker, *sections)
        self.addCleanup(self._close_daemon)
        return self.daemon

    def _close_daemon(self):
        # also where an expected failure is none: a sanitizer's words would be lost otherwise
        outcome = getattr(self, '_outcome', None)
        errors = [e for _, e in getattr(outcome, 'errors', [])] if outcome else []
        if any(errors) or re.search(r'ERROR: \w+Sanitizer|runtime error:', self.daemon.log()):
            sys.stderr.write('---- log of the daemon ----\n%s\n' % self.daemon.log()[-12000:])
        self.daemon.close()
        assert not re.search(r'ERROR: \w+Sanitizer|runtime error:', self.daemon.log())

    # ---- waiting ----

    def now(self):
        """Simulated seconds since boot, and of the wall."""
        words = self.sim.ctl('clock now').split()
        return float(words[0]), float(words[1])

    def pass_time(self, seconds):
        """That much simulated time goes by."""
        until = self.now()[0] + seconds
        wait_until(lambda: self.now()[0] >= until, PATIENCE + seconds, 'the clock')

    def wait_state(self, name, *states, seconds=PATIENCE):
        def there():
            seen = self.daemon.sensor(name)
            return seen if seen['state'] in states else None
        try:
            return wait_until(there, seconds, '%s to be %s' % (name, '/'.join(states)), 0.05)
        except Timeout as e:
            self.fail('%s; it is %s\n%s' % (e, self.daemon.sensor(name), self.daemon.log()))

    def wait_for(self, condition, what, seconds=PATIENCE):
        try:
            return wait_until(condition, seconds, what, 0.05)
        except Timeout as e:
            self.fail('%s\n%s' % (e, self.daemon.log()[-6000:] if self.daemon else ''))

    def wait_event(self, kind, runner='anna', start=0):
        def there():
            return [e for e in self.listener.events()[start:]
                    if e['kind'] == kind and e['runner'] == runner]
        return self.wait_for(there, 'the event %s of %s' % (kind, runner))[0]


