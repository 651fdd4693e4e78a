# SPDX-License-Identifier: MIT
"""The daemon between the simulator and a real broker, and what a broker's client sees of it.

    class Something(Case):
        def test_x(self):
            world = self.make_world('[Runner anna]\n' + sensor('pod', POD), ['pod:P:%s:awake' % POD], clock=20)
            heard = world.subscribe('strided/#')
            world.start()
            world.wait_sensor('pod', 'streaming')

The daemon is the one with the simulated clock when the simulator has one. What is asserted is what the
simulator counted, what stands in the recordings and the database (world.state), and what a client of the
broker heard: three witnesses beside the daemon itself. run_tests() shows the logs when a test fails.
"""
import contextlib
import datetime
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

from harness import (Bus, Mosquitto, Service, Sim, Timeout, affordable, die_with_parent, find_program,
                     wait_until)
from state import State

POD, STRAP, BELT = 'C0:DE:00:00:00:01', 'C0:DE:00:00:00:02', 'C0:DE:00:00:00:03'
RSC, HEART_RATE = '2a53', '2a37' # the characteristics a pod and a strap notify
PATIENCE = 60  # for what is sure to come; only a failure waits so long
SANITIZER = re.compile(r'ERROR: \w+Sanitizer|runtime error:|^==\d+== ', re.M) # or a quiet valgrind


def sensor(name, address, runner='anna', **keys):
    """A section of the configuration; Grace is 0s unless told, so that nothing waits for a watch."""
    keys = {'Grace': '0s', **keys}
    return '[Sensor %s]\nAddress=%s\nRunner=%s\n%s\n' % (
        name, address, runner, ''.join('%s=%s\n' % item for item in keys.items()))


class Lines:
    """A child whose lines (of stdout, or of stderr) a thread collects; waiting is for a line."""

    def __init__(self, argv, env=None, stream='stdout', **options):
        self.lines = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(argv, env=env, preexec_fn=die_with_parent,
                                        **{stream: subprocess.PIPE}, **options)
        self._stream = getattr(self.process, stream)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._stream:
            with self._changed:
                self.lines.append(line.decode(errors='replace').rstrip('\n'))
                self._changed.notify_all()
        with self._changed:
            self.lines.append(None)
            self._changed.notify_all()

    def wait_line(self, accept, what, seconds=PATIENCE, since=0):
        """What accept(line) gave for the first line from `since` on for which it is not None."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                while since < len(self.lines):
                    line = self.lines[since]
                    since += 1
                    if line is None:
                        raise Timeout('%s ended before %s' % (self.process.args[0], what))
                    found = accept(line)
                    if found is not None:
                        return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Timeout('waited %g s in vain for %s; last lines:\n  %s' %
                                  (seconds, what, '\n  '.join(map(str, self.lines[-15:]))))
                self._changed.wait(left)

    def wait_log(self, pattern, seconds=PATIENCE, since=0):
        return self.wait_line(lambda line: re.search(pattern, line), 'a log line ' + pattern, seconds,
                              since)

    def logged(self, pattern):
        return [line for line in self.lines if line and re.search(pattern, line)]

    def alive(self):
        return self.process.poll() is None

    def end(self, number, seconds=PATIENCE):
        """Sends the signal, waits, and returns the exit status."""
        if self.alive():
            self.process.send_signal(number)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Timeout('%s did not end on signal %d; %s' % (self.process.args[0], number, self.tail()))
        finally:
            self._close_stream()
        if status != (-number if number == signal.SIGKILL else 0):
            print('%s ended with %d; %s' % (self.process.args[0], status, self.tail()), file=sys.stderr)
        return status

    def _close_stream(self):
        """Unless somebody whom the process left behind holds its other end: who closes what is being read waits
        for ever."""
        self._reader.join(10)
        if not self._reader.is_alive():
            self._stream.close()

    def tail(self, count=80):
        return 'last lines:\n  ' + '\n  '.join(map(str, self.lines[-count:]))

    def kill(self):
        if self.alive():
            self.process.kill()
        self.process.wait()
        self._close_stream()


class Daemon(Lines):
    """strided (or strided-sim when the environment names a simulated clock) with its log."""

    def __init__(self, config, state, env, arguments=(), prefix=(), **options):
        clocked = 'STRIDED_SIM_CLOCK' in env
        program = find_program('strided-sim' if clocked else 'strided',
                               'STRIDED_SIM' if clocked else 'STRIDED')
        base = {k: v for k, v in os.environ.items()
                if k not in ('NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', 'JOURNAL_STREAM')}
        # Of a build that counts coverage: who may write no file would say so in 150 lines, and what does not fit
        # into the pipe while we are slow to read is lost.
        base.setdefault('GCOV_ERROR_FILE', os.devnull)
        argv = [*prefix, *os.environ.get('STRIDED_WRAPPER', '').split(), program, '--config', config,
                '--state-dir', state, *arguments]
        super().__init__(argv, env={**base, **env}, stream='stderr', stdin=subprocess.DEVNULL,
                         **options)
        self._ended_by_test = False

    def end(self, number, seconds=PATIENCE):
        self._ended_by_test = True
        return super().end(number, seconds)

    def wait_end(self, seconds=PATIENCE):
        """It ends by itself; with which status. All that it said is in its lines then."""
        self._ended_by_test = True
        status = self.process.wait(seconds)
        self._reader.join(10)
        return status

    def close(self):
        """Ends it as systemd would, so that what it leaks is told; whoever ended it before has seen
        its status."""
        if not self._ended_by_test:
            status = self.end(signal.SIGTERM)
            assert status == 0, 'the daemon ended with %d' % status


class Message:
    """One message as a client got it."""

    def __init__(self, line):
        raw = json.loads(line)
        self.topic, self.qos, self.retain = raw['topic'], raw['qos'], bool(raw['retain'])
        self.text = raw.get('payload') or ''
        if not isinstance(self.text, str):
            self.text = json.dumps(self.text)
        self.properties = raw.get('properties', {})
        self.expiry = self.properties.get('message-expiry-interval')
        self._at = raw['tst']

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def at(self):
        """When it came, by the clock on the wall."""
        return datetime.datetime.fromisoformat(self._at[:26])

    def __repr__(self):
        return '%s q%d r%d %s' % (self.topic, self.qos, self.retain, self.text[:120])


class Subscriber(Lines):
    """Everything below the given filters, from the moment the constructor has returned.

    A retained flag is seen as it was published; a marker of our own tells that we are subscribed. With
    keep=True the broker keeps what comes while it or the subscriber is away."""

    KEEP = ('-c', '-i', 'listener', '-x', '86400')

    def __init__(self, broker, *filters, keep=False):
        self._messages = [] # one for each line, None for our own
        self._broker = broker
        self._marker = 'test/marker/%d' % id(self)
        self._publish_marker('1')
        topics = [a for f in (*filters, self._marker) for a in ('-t', f)]
        super().__init__(['mosquitto_sub', '-p', str(broker.port), '-V', '5', '-q', '2',
                          '--retain-as-published', '-F', '%j', *(self.KEEP if keep else ()), *topics],
                         stderr=subprocess.DEVNULL)
        self._wait_marker(0)
        self._publish_marker('')

    def _publish_marker(self, text):
        subprocess.run(['mosquitto_pub', '-p', str(self._broker.port), '-t', self._marker, '-r', '-q', '1',
                        *(['-m', text] if text else ['-n'])], check=True, timeout=PATIENCE)

    def _wait_marker(self, since):
        self.wait_line(lambda line: True if self._marker in line else None, 'the marker', since=since)

    def catch_up(self):
        """Until all that the broker has at this moment has come."""
        since = self.mark()
        self._publish_marker('2')
        self._wait_marker(since)
        self._publish_marker('')

    def all(self, pattern='', since=0):
        """Messages whose topic matches, from the since-th line on."""
        with self._changed:
            for line in self.lines[len(self._messages):]:
                message = Message(line) if line else None
                self._messages.append(None if not message or message.topic == self._marker else message)
        return [m for m in self._messages[since:] if m and re.search(pattern, m.topic)]

    def bodies(self, pattern):
        """What all messages of the topics that match say, oldest first."""
        return [m.json for m in self.all(pattern) if m.text]

    def events(self):
        return self.bodies('/event$')

    def mark(self):
        with self._changed:
            return len(self.lines)

    def wait(self, pattern, accept=lambda m: True, seconds=PATIENCE, since=0, what=None):
        """The first message from `since` on whose topic matches and which accept() takes."""
        def look(line):
            message = Message(line)
            return message if re.search(pattern, message.topic) and accept(message) else None
        return self.wait_line(look, what or 'a message on ' + pattern, seconds, since)


def forenoon():
    """Ten in the morning of today, UTC: what was run before is of this day, and the next one is hours away."""
    return datetime.datetime.now(datetime.timezone.utc).replace(hour=10, minute=0, second=0, microsecond=0).timestamp()


class World(Service):
    """A bus, the simulator, a broker, and one daemon between them. What is None is not there."""

    unseen = [] # of this test: closed or not, a failure shows their logs

    def __init__(self, config='', sensors=(), clock=None, broker=True, bus=True, broker_extra=(),
                 mqtt=(), sim_options=()):
        super().__init__()
        self.mqtt_lines, self.config_text, self.rate = mqtt, config, clock or 1
        self.daemon = self.sim = self.broker = self.bus = self.listener = None
        self.keeper = None # the simulator that is asked for the time
        self.daemons = [] # every process there was, oldest first
        self.subscribers = []
        self.config = os.path.join(self.folder, 'strided.conf')
        self.state = State(os.path.join(self.folder, 'state'))
        self.closed, self._sim_log = False, ''
        World.unseen.append(self)
        try:
            if bus:
                self.bus = Bus()
                options = [a for s in sensors for a in ('--sensor', s)] + list(sim_options)
                self.sim = self.keeper = Sim(self.bus, *options, clock=bool(clock), log=self._sim_log_path())
                if clock:
                    self.set_rate(clock)
                    self.sim.ctl('clock wall %d' % forenoon()) # a test says the same at every hour
            if broker:
                self.broker = Mosquitto(broker_extra)
            self.write_config()
        except Exception:
            self.close()
            raise

    def write_config(self, text=None, mqtt=None):
        """The configuration of the gateway `hall`; text None: as it was."""
        self.config_text = self.config_text if text is None else text
        self.mqtt_lines = self.mqtt_lines if mqtt is None else mqtt
        uri = ['Uri=' + self.broker.uri] if self.broker else []
        with open(self.config, 'w') as f:
            f.write('\n'.join(['[Gateway]', 'Name=hall', '[MQTT]', *uri, *self.mqtt_lines, '',
                               self.config_text]) + '\n')

    def environment(self):
        if self.sim:
            return self.sim.environment()
        # a bus that is not there, so that the machine's own is left alone
        return {'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=%s/no-bus' % self.folder}

    # ---- the daemon ----

    def start(self, env=None, **options):
        """Starts the daemon; what it logs is at daemon.lines."""
        self.daemon = Daemon(self.config, str(self.state), {**self.environment(), **(env or {})}, **options)
        self.daemons.append(self.daemon)
        return self.daemon

    def start_ready(self):
        self.start().wait_log(' is ready')

    def stop(self, number=signal.SIGTERM):
        """It must end as it is asked to."""
        status = self.daemon.end(number)
        expected = -number if number == signal.SIGKILL else 0
        assert status == expected, 'the daemon ended with %d' % status

    def log(self):
        """Of all its processes."""
        return '\n'.join(line for d in self.daemons for line in d.lines if line is not None)

    def _sim_log_path(self):
        return os.path.join(self.folder, 'simulator.log')

    def tails(self):
        """The ends of the logs, for the reader of a failure."""
        with contextlib.suppress(FileNotFoundError), open(self._sim_log_path(), errors='replace') as f:
            self._sim_log = f.read()
        return ''.join('---- the end of the log of %s ----\n%s\n' % (name, text[-8000:])
                       for name, text in (('the daemon', self.log()), ('the simulator', self._sim_log)))

    # ---- the broker ----

    def subscribe(self, *filters, keep=False):
        subscriber = Subscriber(self.broker, *filters, keep=keep)
        self.subscribers.append(subscriber)
        return subscriber

    def listen(self):
        """The one who hears everything of ours, and misses nothing while the broker is away."""
        self.listener = self.subscribe('strided/#', keep=True)
        return self.listener

    def publish(self, topic, payload, *options):
        """One message of QoS 1, which the broker has when this returns."""
        argv = ['mosquitto_pub', '-p', str(self.broker.port), '-V', '5', '-q', '1', '-t', topic,
                *options]
        data = payload.encode() if isinstance(payload, str) else payload
        subprocess.run(argv + (['-s'] if data else ['-n']), input=data, check=True, timeout=PATIENCE)

    def ask_broker(self, verb, arguments):
        """A request over MQTT: its answer. What is published before strided is there is lost."""
        self.listener.wait('hall/status$', lambda m: m.text == 'online')
        since = self.listener.mark()
        self.publish('strided/hall/request/' + verb, json.dumps(arguments))
        return self.listener.wait('hall/response/%s$' % verb, since=since).json

    def stridectl(self, *words, check=None):
        """stridectl's (status, stdout, stderr)."""
        done = subprocess.run([find_program('stridectl', 'STRIDECTL'), *words], timeout=PATIENCE,
                              env={**os.environ, **self.environment()}, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def stridectl_on_terminal(self, *words):
        """(what it says on one, on stdout or stderr; status)"""
        main, terminal = os.openpty()
        said = b''
        with subprocess.Popen([find_program('stridectl', 'STRIDECTL'), *words], stdout=terminal, stderr=terminal,
                              env={**os.environ, 'TERM': 'xterm', **self.environment()}) as process:
            os.close(terminal)
            with contextlib.suppress(OSError): # that is its end
                while more := os.read(main, 4096):
                    said += more
            os.close(main)
            return said.decode(), process.wait(PATIENCE)

    def ask(self, verb, arguments=None):
        """The whole answer to one verb, over D-Bus."""
        words = ['%s=%s' % (k, 'null' if v is None else v) for k, v in (arguments or {}).items()]
        status, out, err = self.stridectl('--json', verb, *words)
        if not out:
            raise AssertionError('stridectl %s: %d %s' % (verb, status, err))
        return json.loads(out)

    def ctl(self, *words):
        """The answer to what must succeed; its name on the bus comes a moment after 'ready'."""
        def answered():
            done = self.stridectl('--json', *words)
            return done if done[0] != 3 or not self.daemon.alive() else None
        status, out, err = wait_until(answered, PATIENCE, 'the daemon on the bus')
        assert status == 0, (words, status, out, err)
        return json.loads(out)

    def sensor(self, name):
        return next(s for s in self.ctl('sensors')['data']['sensors'] if s['name'] == name)

    def problems(self):
        return self.ask('status')['data']['health']['problems']

    def wait_control(self):
        """Until the daemon owns its name on the bus."""
        wait_until(lambda: self.stridectl('status')[0] == 0, PATIENCE, 'strided on the bus', 0.1)

    # ---- time, and what comes with it ----

    def now(self):
        """Simulated seconds since boot, and of the wall."""
        words = self.keeper.ctl('clock now').split()
        return float(words[0]), float(words[1])

    def set_rate(self, rate):
        self.keeper.ctl('clock rate %g' % affordable(rate))

    @contextlib.contextmanager
    def at_rate(self, rate):
        """A stretch of another speed: fast where nothing is to happen, slow where it is to be exact."""
        self.set_rate(rate)
        try:
            yield
        finally:
            self.set_rate(self.rate)

    def pass_time(self, seconds, rate=None):
        """That much simulated time goes by; at another rate while nothing in it is to be exact."""
        until = self.now()[0] + seconds
        with self.at_rate(rate) if rate else contextlib.nullcontext():
            wait_until(lambda: self.now()[0] >= until, PATIENCE + seconds, 'the clock')

    def reading_process(self):
        """The one that reads a file, once it is one: until then it is the daemon's image, and whoever stops it stops the
        daemon, who waits for its exec()."""
        pid = self.daemon.process.pid

        def reads():
            with open('/proc/%d/task/%d/children' % (pid, pid)) as children:
                for child in children.read().split():
                    with contextlib.suppress(OSError), open('/proc/%s/cmdline' % child, 'rb') as words:
                        if words.read().startswith(b'strided\0'):
                            return int(child)
            return None
        return wait_until(reads, PATIENCE, 'a process that reads')

    @contextlib.contextmanager
    def held_up(self, reader):
        """It stands still, and meanwhile the clock goes as fast as ours: strided ends a reader of five minutes."""
        os.kill(reader, signal.SIGSTOP)
        try:
            with self.at_rate(1):
                yield
        finally:
            os.kill(reader, signal.SIGCONT)

    def wait_sensor(self, name, *states):
        def there():
            seen = self.sensor(name)
            return seen if seen['state'] in states else None
        return wait_until(there, PATIENCE, '%s to be %s' % (name, '/'.join(states)), 0.05)

    def wait_event(self, kind, runner='anna', seconds=PATIENCE):
        return self.listener.wait('/event$', lambda m: (m.json['kind'], m.json['runner']) == (kind, runner),
                                  seconds, what='the event %s of %s' % (kind, runner)).json

    def close(self):
        """Raises when a daemon does not end as it should, or a sanitizer spoke in any of them."""
        if self.closed:
            return
        self.closed = True
        parts = [part for part in (self.bus, self.broker, self.sim) if part]
        with contextlib.ExitStack() as stack: # each is closed, whatever another says
            stack.callback(super().close)
            stack.callback(self._check_sanitizers)
            stack.callback(self.tails)
            for part in parts:
                stack.callback(part.close)
            for subscriber in self.subscribers:
                stack.callback(subscriber.kill)
            for daemon in self.daemons: # first, while the others are there for it
                stack.callback(daemon.close)

    def _check_sanitizers(self):
        said = SANITIZER.search(self.log())
        assert not said, 'a sanitizer spoke: %s' % self.log()[said.start():][:8000]


class Case(unittest.TestCase):
    def make_world(self, *args, **options):
        self.world = World(*args, **options)
        self.addCleanup(self.world.close)
        return self.world

    def wait_for(self, condition, what, seconds=PATIENCE):
        return wait_until(condition, seconds, what, 0.05)


class Result(unittest.TextTestResult):
    """Shows the logs of the worlds of a test that failed; they are remembered until the next one."""

    def startTest(self, test):
        World.unseen[:] = [world for world in World.unseen if not world.closed]
        super().startTest(test)

    def _show(self):
        for world in World.unseen:
            self.stream.writeln(world.tails())

    def addError(self, test, err):
        super().addError(test, err)
        self._show()

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._show()

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self._show()


def run_tests():
    unittest.main(testRunner=unittest.TextTestRunner(resultclass=Result, verbosity=2))


class NotifySocket(Service):
    """What systemd would hear of a service: its sd_notify messages, as one list of lines."""

    def __init__(self):
        super().__init__()
        self.path = os.path.join(self.folder, 'notify')
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.lines = []

    def wait(self, pattern, seconds=PATIENCE, since=0):
        """The first line from `since` on that matches."""
        deadline = time.monotonic() + seconds
        while True:
            for line in self.lines[since:]:
                if re.search(pattern, line):
                    return line
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                self.lines += self.socket.recv(8192).decode().split('\n')
            except socket.timeout:
                raise Timeout('no notification %s in %g s; heard: %s' % (pattern, seconds, self.lines))

    def close(self):
        self.socket.close()
        super().close()
