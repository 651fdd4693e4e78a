# SPDX-License-Identifier: MIT
"""What every demo plays on: simulated sensors, the daemon, a private broker, and somebody who listens.

Everything lives in one temporary folder, on unix sockets and a free loopback port. Each child has a
session of its own, so that Ctrl-C is for this process alone, and dies with it, even when it is killed.
"""
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, '..', 'integration')]
sys.dont_write_bytecode = True

import harness                  # noqa: E402
from stopping import Signals    # noqa: E402

PATIENCE_S = 15                 # for what is sure to come when all is well
POLL_S = 0.1
ROOT = 'strided/demo'
CONFIG = """[Gateway]
Name=demo

[MQTT]
Uri={uri}

"""


class Failure(Exception):
    """Something that ends the demo, in a sentence."""


signals = Signals()


class Message:
    """A line of mosquitto_sub -F %j."""

    def __init__(self, line):
        fields = json.loads(line)
        self.topic, self.retained, self.text = fields['topic'], fields['retain'], fields['payload']
        try:
            self.body = json.loads(self.text)
        except ValueError:
            self.body = None        # status is a word


class Stage:
    """The children, and the messages as they come in; what is done with these a demo says."""

    view = None                     # told of every message

    def __init__(self, stack, folder):
        self.stack, self.folder = stack, folder
        self.children = {}          # name: the child that has to be alive
        self.log_files = {'stderr': self.path('stderr.log')}
        self.pids = []
        self.statuses = []
        self.rest, self.polled = b'', 0.0

    # ---- children -----------------------------------------------------------------------------

    def path(self, name):
        return os.path.join(self.folder, name)

    def _note(self, name, child, log):
        self.children[name], self.log_files[name] = child, log
        self.pids.append(child.pid)

    def _spawn(self, name, argv, **options):
        log = self.path(name + '.log')
        with open(log, 'wb') as f:
            child = harness.Child(argv, stderr=f, stdin=subprocess.DEVNULL, **options)
        self.stack.callback(child.close)
        self._note(name, child, log)
        return child

    def _service(self, name, service, log):
        self.stack.enter_context(service)
        self._note(name, service.child, log)
        return service

    def start_all(self, daemon, config, sensors, clock=False):
        """config: after that of gateway and broker; clock: a simulated one for all of them."""
        self.broker = harness.Mosquitto(['log_type error', 'log_type warning', 'log_type notice'])
        self._service('mosquitto', self.broker, os.path.join(self.broker.folder, 'log'))
        self.bus = harness.Bus()
        self._service('dbus-daemon', self.bus, os.path.join(self.bus.folder, 'log'))
        self.sim = harness.Sim(self.bus, *(word for s in sensors for word in ('--sensor', s)), clock=clock)
        self._service('strided-bluez-sim', self.sim, self.log_files['stderr'])
        self.reader = self._spawn('mosquitto_sub', self._client('mosquitto_sub') + [
            '-q', '1', '--retain-as-published', '-F', '%j', '-t', 'strided/#'],
            stdout=subprocess.PIPE)
        self.before_daemon()
        with open(self.path('strided.conf'), 'w', encoding='utf-8') as f:
            f.write(CONFIG.format(uri=self.broker.uri) + config)
        self.daemon = self._spawn('strided', [
            daemon, '--config', self.path('strided.conf'),
            '--state-dir', self.path('state')], env=self.sim.environment(),
            stdout=subprocess.DEVNULL)

    def before_daemon(self):
        """Everything else runs."""

    def _client(self, program):
        return [program, '-h', '127.0.0.1', '-p', str(self.broker.port), '-V', 'mqttv5']

    def check_children(self):
        for name, child in self.children.items():
            if not child.alive():
                raise Failure('%s ended by itself (status %d)' % (name, child.process.returncode))

    def logs(self, lines=12):
        """The last words of each child, for the person who has to find out."""
        for name, log in self.log_files.items():
            with contextlib.suppress(OSError), open(log, errors='replace', encoding='utf-8') as f:
                last = f.read().splitlines()[-lines:]
                if last:
                    yield '---- the last words of %s' % name
                    yield from last

    # ---- what comes in ------------------------------------------------------------------------

    def _take(self, message):
        self.view.feed(message, time.monotonic())
        if message.topic == ROOT + '/status':
            self.statuses.append((message.text, message.retained))

    def _read(self, seconds):
        fd = self.reader.process.stdout.fileno()
        if not select.select([fd], [], [], seconds)[0]:
            return
        data = os.read(fd, 65536)
        if not data:
            raise Failure('mosquitto_sub ended')
        *lines, self.rest = (self.rest + data).split(b'\n')
        for line in lines:
            self._take(Message(line))

    def poll_truth(self):
        """What the simulator says now; true when it is something new."""
        raise NotImplementedError

    def settle(self):
        """What has come is complete up to now."""

    def turn(self):
        """A tenth of a second of everything. True when there was a new truth."""
        self.check_children()
        signals.deferred = True
        self._read(max(0, self.polled + POLL_S - time.monotonic()))
        sent = False
        if time.monotonic() >= self.polled + POLL_S:
            self.polled = time.monotonic()
            sent = self.poll_truth()
        self.settle()
        signals.deliver()
        return sent

    def wait(self, condition, what, screen=None, seconds=PATIENCE_S):
        deadline = time.monotonic() + seconds
        while not condition(self.turn()):
            if time.monotonic() > deadline:
                raise Failure('waited %d s in vain for %s' % (seconds, what))
            if screen:
                screen.draw()

    def introduce(self, screen):
        screen.say('The broker of this demo listens on 127.0.0.1:%d; to see every message:' % self.broker.port)
        screen.say("  mosquitto_sub -h 127.0.0.1 -p %d -v -t 'strided/#'" % self.broker.port)
        screen.say()

    # ---- the end ------------------------------------------------------------------------------

    def ask(self, verb, request):
        """One command over MQTT; the broker has it when this returns."""
        subprocess.run(self._client('mosquitto_pub') + [
            '-q', '1', '-t', ROOT + '/request/' + verb, '-m', json.dumps(request)],
            check=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL, start_new_session=True)

    def stop_daemon(self):
        """Its exit status, when it has also taken leave of the broker."""
        del self.children['strided']
        status = self.daemon.stop(signal.SIGTERM, PATIENCE_S)
        with contextlib.suppress(Failure):
            self.wait(lambda _: self.statuses and self.statuses[-1][0] == 'offline',
                      'status offline', seconds=5)
        return status

    def survivors(self):
        """Process groups of children that still have somebody in them."""
        for group in self.pids:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, 0)
                yield group
