# SPDX-License-Identifier: MIT
"""The daemon as a child, and what a broker's client sees of it.

    with World(runners=('anna',), sensors=...) as world:
        world.start()
        world.daemon.wait_log('is ready')
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

from harness import (Bus, Mosquitto, Service, Sim, Timeout, die_with_parent, find_program,
                     wait_until)

PATIENCE = 60  # for what is sure to come; only a failure waits so long


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
            self._reader.join(10)
            self._stream.close()
        if status != 0:
            print('%s ended with %d; %s' % (self.process.args[0], status, self.tail()), file=sys.stderr)
        return status

    def tail(self, count=80):
        return 'last lines:\n  ' + '\n  '.join(map(str, self.lines[-count:]))

    def kill(self):
        if self.alive():
            self.process.kill()
        self.process.wait()
        self._reader.join(10)
        self._stream.close()


class Daemon(Lines):
    """strided (or strided-sim when the environment names a simulated clock) with its log."""

    def __init__(self, config, state, env, arguments=(), prefix=(), **options):
        clocked = 'STRIDED_SIM_CLOCK' in env
        program = find_program('strided-sim' if clocked else 'strided',
                               'STRIDED_SIM' if clocked else 'STRIDED')
        base = {k: v for k, v in os.environ.items()
                if k not in ('NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', 'JOURNAL_STREAM')}
        argv = [*prefix, *os.environ.get('STRIDED_WRAPPER', '').split(), program, '--config', config,
                '--state-dir', state, *arguments]
        super().__init__(argv, env={**base, **env}, stream='stderr', stdin=subprocess.DEVNULL,
                         **options)

    def wait_log(self, pattern, seconds=PATIENCE, since=0):
        return self.wait_line(lambda line: re.search(pattern, line), 'a log line ' + pattern, seconds,
                              since)

    def logged(self, pattern):
        return [line for line in self.lines if line and re.search(pattern, line)]


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
        self.at = time.monotonic()

    @property
    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return '%s q%d r%d %s' % (self.topic, self.qos, self.retain, self.text[:120])


class Subscriber(Lines):
    """Everything below the given filters, from the moment the constructor has returned.

    A retained flag is seen as it was published; a marker of our own tells that we are subscribed."""

    def __init__(self, broker, *filters, options=()):
        self.messages = []
        marker = 'test/marker/%d' % id(self)
        subprocess.run(['mosquitto_pub', '-p', str(broker.port), '-t', marker, '-m', '1', '-r', '-q',
                        '1'], check=True, timeout=PATIENCE)
        topics = [a for f in (*filters, marker) for a in ('-t', f)]
        super().__init__(['mosquitto_sub', '-p', str(broker.port), '-V', '5', '-q', '2',
                          '--retain-as-published', '-F', '%j', *options, *topics],
                         stderr=subprocess.DEVNULL)
        self.wait_line(lambda line: True if marker in line else None, 'the marker')
        subprocess.run(['mosquitto_pub', '-p', str(broker.port), '-t', marker, '-n', '-r', '-q', '1'],
                       check=True, timeout=PATIENCE)
        self._marker = marker

    def all(self, pattern='', since=0):
        """Messages whose topic matches, from the since-th line on."""
        with self._changed:
            lines = [line for line in self.lines[since:] if line]
        messages = [Message(line) for line in lines]
        return [m for m in messages if m.topic != self._marker and re.search(pattern, m.topic)]

    def mark(self):
        with self._changed:
            return len(self.lines)

    def wait(self, pattern, accept=lambda m: True, seconds=PATIENCE, since=0, what=None):
        """The first message from `since` on whose topic matches and which accept() takes."""
        def look(line):
            message = Message(line)
            return message if re.search(pattern, message.topic) and accept(message) else None
        return self.wait_line(look, what or 'a message on ' + pattern, seconds, since)


class World(Service):
    """A bus, the simulator, a broker, and one daemon between them. What is None is not there."""

    def __init__(self, config='', sensors=(), clock=None, broker=True, bus=True, broker_extra=(),
                 mqtt=()):
        super().__init__()
        self.mqtt_lines, self.config_text = mqtt, config
        self.daemon = self.sim = self.broker = self.bus = None
        self.subscribers = []
        self.config = os.path.join(self.folder, 'strided.conf')
        self.state = os.path.join(self.folder, 'state')
        try:
            if bus:
                self.bus = Bus()
                options = [a for s in sensors for a in ('--sensor', s)]
                if clock:
                    options += ['--rate', str(clock)]
                self.sim = Sim(self.bus, *options, clock=bool(clock))
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

    def start(self, env=None, **options):
        """Starts the daemon; what it logs is at daemon.lines."""
        self.daemon = Daemon(self.config, self.state, {**self.environment(), **(env or {})}, **options)
        return self.daemon

    def subscribe(self, *filters):
        subscriber = Subscriber(self.broker, *filters)
        self.subscribers.append(subscriber)
        return subscriber

    def publish(self, topic, payload, *options):
        """One message of QoS 1, which the broker has when this returns."""
        argv = ['mosquitto_pub', '-p', str(self.broker.port), '-V', '5', '-q', '1', '-t', topic,
                *options]
        data = payload.encode() if isinstance(payload, str) else payload
        subprocess.run(argv + (['-s'] if data else ['-n']), input=data, check=True, timeout=PATIENCE)

    def stridectl(self, *words, check=None):
        """stridectl's (status, stdout, stderr)."""
        done = subprocess.run([find_program('stridectl', 'STRIDECTL'), *words], timeout=PATIENCE,
                              env={**os.environ, **self.environment()}, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def ask(self, verb, arguments=None):
        """The whole answer to one verb, over D-Bus."""
        words = ['%s=%s' % (k, v) for k, v in (arguments or {}).items()]
        status, out, err = self.stridectl('--json', verb, *words)
        if not out:
            raise AssertionError('stridectl %s: %d %s' % (verb, status, err))
        return json.loads(out)

    def problems(self):
        return self.ask('status')['data']['health']['problems']

    def wait_control(self):
        """Until the daemon owns its name on the bus."""
        wait_until(lambda: self.stridectl('status')[0] == 0, PATIENCE, 'strided on the bus', 0.1)

    def close(self):
        for part in self.subscribers:
            part.kill()
        if self.daemon:
            self.daemon.kill()
        for part in (self.sim, self.broker, self.bus):
            if part:
                part.close()
        super().close()


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
