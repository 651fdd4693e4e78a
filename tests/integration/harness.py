# SPDX-License-Identifier: MIT
"""What integration tests stand on: a private bus, the simulated org.bluez, a broker.

Everything lives in one temporary folder, on unix sockets or a port the kernel gave; every child dies
with this process, even when it is killed. Nothing here sleeps for a result: ready lines are read and
conditions are polled against a deadline.

    with Bus() as bus, Sim(bus, '--sensor', 'pod:P:C0:DE:00:00:00:01') as sim, Mosquitto() as broker:
        sim.ctl('vanish P 5')
        wait_until(lambda: sim.truth('P')['connections'] == 2, 20, 'the pod to be connected again')
"""
import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path={folder}/bus</listen>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="max_incoming_bytes">1000000000</limit>
  <limit name="max_outgoing_bytes">1000000000</limit>
  <limit name="max_message_size">100000000</limit>
  <limit name="reply_timeout">300000</limit>
  <limit name="max_replies_per_connection">50000</limit>
  <limit name="max_match_rules_per_connection">50000</limit>
</busconfig>
"""
PR_SET_PDEATHSIG = 1
STARTED_S = 60  # for a program to be up: only a failure waits so long
_libc = ctypes.CDLL(None, use_errno=True)


class Timeout(Exception):
    pass


def wait_until(condition, seconds, what='the condition', every=0.02, looks=1):
    """The first true value of condition(), or Timeout with `what` in its text. A machine so busy that it
    looks less than `looks` times in the seconds has the time for them."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        looks -= 1
        if value:
            return value
        if time.monotonic() >= deadline and looks <= 0:
            raise Timeout('waited %g s in vain for %s' % (seconds, what))
        time.sleep(every)


def affordable(rate):
    """Of simulated time, for the daemon as it is run: below valgrind it thinks twenty times longer, and all
    of its patience would pass in that."""
    return max(1, rate / 2) if os.environ.get('STRIDED_WRAPPER') else rate


def die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Child:
    """A process that is surely gone after close(). Its stderr is ours. It has a session of its own: a
    Ctrl-C at the terminal is for us, who then end it in order."""

    def __init__(self, argv, env=None, **options):
        self.process = subprocess.Popen(argv, env=dict(os.environ, **(env or {})),
                                        preexec_fn=die_with_parent, start_new_session=True,
                                        **options)
        self._rest = b''

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def read_line(self, seconds):
        """The next line of a stdout that is a pipe, without its newline."""
        deadline = time.monotonic() + seconds
        fd = self.process.stdout.fileno()
        while b'\n' not in self._rest:
            left = max(0, deadline - time.monotonic())
            if not select.select([fd], [], [], left)[0]:
                raise Timeout('no line from %s in %g s' % (self.process.args[0], seconds))
            data = os.read(fd, 4096)
            if not data:
                raise Timeout('%s ended without a word' % self.process.args[0])
            self._rest += data
        line, self._rest = self._rest.split(b'\n', 1)
        return line.decode()

    def send(self, number):
        if self.alive():
            self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM, seconds=10):
        """Asks, waits, and kills only what did not listen. Returns the exit status."""
        self.send(number)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()
        return status

    def close(self):
        self.stop()


class Service:
    """Something with a temporary folder that ends with its `with` block."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='strided-test-')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Bus(Service):
    """A private dbus-daemon that lets everybody do everything. `environment()` points clients at it."""

    def __init__(self):
        super().__init__()
        config = os.path.join(self.folder, 'bus.conf')
        os.mkdir(os.path.join(self.folder, 'services'))
        with open(config, 'w') as f:
            f.write(BUS_CONFIG.format(folder=self.folder))
        with open(os.path.join(self.folder, 'log'), 'wb') as log: # it grumbles about limits of root
            self.child = Child(['dbus-daemon', '--config-file=' + config, '--nofork',
                                '--print-address'], stdout=subprocess.PIPE, stderr=log)
        self.address = self.child.read_line(STARTED_S)

    def environment(self):
        return {'DBUS_SYSTEM_BUS_ADDRESS': self.address, 'DBUS_SESSION_BUS_ADDRESS': self.address}

    def activate(self, name, *argv):
        """From now on the bus runs argv when somebody wants `name` to be there."""
        with open(os.path.join(self.folder, 'services', name + '.service'), 'w') as f:
            f.write('[D-BUS Service]\nName=%s\nExec=%s\n' % (name, ' '.join(argv)))
        self._reload()

    def forbid(self, *members):
        """From now on nobody may call these of the bus's own methods; none: everybody may all."""
        rules = ''.join('<deny send_interface="org.freedesktop.DBus" send_member="%s"/>' % m for m in members)
        config = BUS_CONFIG.format(folder=self.folder)
        with open(os.path.join(self.folder, 'bus.conf'), 'w') as f:
            f.write(config.replace('</busconfig>', '<policy context="default">%s</policy></busconfig>' % rules))
        self._reload()

    def _reload(self):
        subprocess.run(['dbus-send', '--bus=' + self.address, '--dest=org.freedesktop.DBus',
                        '--print-reply', '/', 'org.freedesktop.DBus.ReloadConfig'], check=True,
                       stdout=subprocess.DEVNULL)

    def close(self):
        self.child.close()
        super().close()


def find_program(name, variable):
    """A built program: by environment variable, else on the PATH."""
    path = os.environ.get(variable) or shutil.which(name)
    if not path:
        raise FileNotFoundError('%s: neither in %s nor on the PATH' % (name, variable))
    return path


class Sim(Service):
    """strided-bluez-sim on a bus. With clock=True there is a simulated clock, with clock=PATH that of
    another simulator; environment() names it."""

    def __init__(self, bus, *arguments, clock=False, wait=True, log=None, systemd=False):
        """`log` is a path for what it would say on our stderr. systemd: there is one, and activation."""
        program = find_program('strided-bluez-sim', 'STRIDED_BLUEZ_SIM')
        super().__init__()
        self.bus, self.log = bus, log
        self.socket = os.path.join(self.folder, 'control')
        self.clock = os.path.join(self.folder, 'clock') if clock is True else clock or None
        self.argv = [program, '--die-with-parent', '--control', self.socket]
        if self.clock:
            self.argv += ['--clock', self.clock]
        if systemd:
            self.argv += ['--systemd']
            bus.activate('org.bluez', os.path.join(os.path.dirname(program), 'simctl'), self.socket,
                         'service', 'activate')
        self.argv += arguments
        self._spawn()
        if wait:
            self.wait_ready()

    def _spawn(self):
        self.ended = False # by the test
        with open(self.log, 'ab') if self.log else contextlib.nullcontext() as stderr:
            self.child = Child(self.argv, env=self.bus.environment(), stdout=subprocess.PIPE,
                               stderr=stderr)

    def wait_ready(self):
        try:
            line = self.child.read_line(STARTED_S)
            assert line == 'ready', line
        except Exception:
            self.child.stop()
            super().close()
            raise

    def end_process(self, number):
        """Its process goes with all that it knows, but for a clock, which is a file."""
        self.ended = True
        status = self.child.stop(number)
        assert status == (-number if number == signal.SIGKILL else 0), status
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.socket)      # who is killed leaves it

    def start_process(self):
        """A new one, with the same sensors at their beginning."""
        self._spawn()
        self.wait_ready()

    def environment(self):
        env = dict(self.bus.environment())
        if self.clock:
            env['STRIDED_SIM_CLOCK'] = self.clock
        return env

    def ask(self, command, seconds=60):
        """One command; the whole line of its answer."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(seconds)
            s.connect(self.socket)
            s.sendall(command.encode() + b'\n')
            answer = b''
            while not answer.endswith(b'\n'):
                data = s.recv(8192)
                if not data:
                    raise ConnectionError('no answer to "%s"' % command)
                answer += data
        return answer.decode().rstrip('\n')

    def ctl(self, command):
        """One command that must succeed; what follows "ok"."""
        answer = self.ask(command)
        if answer.split(' ', 1)[0] != 'ok':
            raise ValueError('%s: %s' % (command, answer))
        return answer[3:]

    def truth(self, name):
        return json.loads(self.ctl('truth ' + name))

    def wait_truth(self, name, condition, seconds, what):
        return wait_until(lambda: (lambda t: t if condition(t) else None)(self.truth(name)), seconds,
                          what)

    def close(self):
        """Raises when the simulator crashed, or did when it was asked to end."""
        status = self.child.stop()
        super().close()
        if status != 0 and not self.ended:
            raise RuntimeError('strided-bluez-sim ended with %d' % status)

    def restart(self):
        """bluetoothd dies without a word and comes back."""
        self.ctl('kill-name')
        self.ctl('start')
        self.ctl('wait-ready')


def free_port():
    """A loopback port nobody has at this moment."""
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Mosquitto(Service):
    """A broker of our own on a free loopback port; what it keeps survives stop() and start().

    `extra` are more lines for its configuration. The port is chosen once, so that clients find it
    again after a restart."""

    def __init__(self, extra=(), start=True):
        super().__init__()
        self.extra = tuple(extra)
        self.port = free_port()
        self.child = None
        if start:
            self.start()

    @property
    def uri(self):
        return 'mqtt://127.0.0.1:%d' % self.port

    def _write_config(self):
        path = os.path.join(self.folder, 'mosquitto.conf')
        lines = ['listener %d 127.0.0.1' % self.port, 'allow_anonymous true', 'persistence true',
                 'persistence_location %s/' % self.folder, 'autosave_interval 1',
                 'log_dest file %s/log' % self.folder, 'max_queued_messages 0',
                 'set_tcp_nodelay true'] # or a message waits 40 ms for the acknowledgement of one before
        if os.geteuid() == 0: # it would drop to its own user, who may not write here
            lines.append('user root')
        with open(path, 'w') as f:
            f.write('\n'.join(lines + list(self.extra)) + '\n')
        return path

    def _listens(self):
        if not self.child.alive():
            return None
        with socket.socket() as s:
            return s.connect_ex(('127.0.0.1', self.port)) == 0

    def start(self, tries=5):
        """Another process may take the port between our choice and the broker's bind: only before the
        first start is another one chosen."""
        first = not os.path.exists(os.path.join(self.folder, 'mosquitto.conf'))
        for _ in range(tries):
            path = os.environ.get('MOSQUITTO') or shutil.which('mosquitto') or '/usr/sbin/mosquitto'
            self.child = Child([path, '-c', self._write_config()], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
            wait_until(lambda: self._listens() or not self.child.alive(), STARTED_S,
                       'mosquitto to listen')
            if self.child.alive():
                return
            if first:
                self.port = free_port()
        raise RuntimeError('mosquitto does not start:\n' + self.log())

    def stop(self, number=signal.SIGTERM):
        """SIGTERM lets it write what it keeps; SIGKILL does not."""
        if self.child:
            self.child.stop(number)
            self.child = None

    def save(self):
        """What it keeps is on the disk when this returns; by itself it writes once a second or so."""
        path = os.path.join(self.folder, 'mosquitto.db')
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)
        self.child.send(signal.SIGUSR1)
        wait_until(lambda: os.path.exists(path), STARTED_S, 'mosquitto to save') # made whole, then renamed

    def restart(self, number=signal.SIGTERM):
        self.stop(number)
        self.start()

    def log(self):
        try:
            with open(os.path.join(self.folder, 'log'), errors='replace') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def retained(self, count, *filters):
        """The `count` retained topics under the filters (strided/#), by name (ours: below the gateway's);
        fewer when there are fewer. Without those of the rules: there are as many as rules are on."""
        program = find_program('mosquitto_sub', 'MOSQUITTO_SUB')
        words = [word for f in filters or ['strided/#'] for word in ('-t', f)]
        done = subprocess.run([program, '-p', str(self.port), '-q', '1', '--retained-only', '-C',
                               str(count), '-W', '2', '-F', '%t %p', *words,
                               '-T', 'strided/+/runner/+/week', '-T', 'strided/+/runner/+/alert/+'],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        pairs = (line.split(' ', 1) for line in done.stdout.decode().splitlines())
        return {t.split('/', 2)[2] if t.startswith('strided/') else t:
                json.loads(p) if p.startswith('{') else p for t, p in pairs}

    def close(self):
        self.stop()
        super().close()
