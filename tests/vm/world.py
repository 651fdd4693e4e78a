# SPDX-License-Identifier: MIT
"""
What a case in the guest works with: the installed service, the broker and what it delivered, and the air
with its sensors. `./run install` with a running systemd, the sandboxed unit, the real bluetoothd and
Mosquitto; only the sensors are simulated, and those below HCI.

Emulation is slow and uneven, so deadlines are generous, and nothing is asserted about less than a second.
"""
import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import threading
import time

TREE, BUILD = '/tree', '/build'
STATE = '/var/lib/strided'
GATEWAY = 'strided/vm'
ANNA, BEN = GATEWAY + '/runner/anna', GATEWAY + '/runner/ben'
OWNERS = {'strap': 'anna', 'pod': 'anna', 'belt': 'anna', 'chest': 'ben', 'foot': 'ben', 'spare': 'ben'}
SENSORS = ('strap', 'pod', 'belt', 'chest', 'foot')
SOON, LATER = 60, 150       # seconds
STRIDECTL = '/usr/local/bin/stridectl'
CONFIG_FILE, CASE_FILE = '/etc/strided/strided.conf', '/etc/strided/strided.conf.d/90-case.conf'

HASTE_FILE = '/run/systemd/system/strided.service.d/haste.conf'
# As the unit, but so that a frozen daemon is found out and replaced before a case's patience ends.
HASTE = """
[Service]
WatchdogSec=10s
TimeoutAbortSec=2s
RestartSec=1s
"""

ONE_RUNNER = """
[Gateway]
Name=vm
[Runner anna]
Sex=female
BirthYear=1990
RestHeartRate=55
[Sensor strap]
Address=C0:DE:00:00:00:01
Runner=anna
Grace=0s
[Sensor pod]
Address=C0:DE:00:00:00:02
Runner=anna
CadenceUnit=strides
Grace=0s
[Sensor belt]
Address=C0:DE:00:00:00:03
Runner=auto
Grace=0s
"""
ANOTHER = """
[Runner ben]
Sex=male
BirthYear=1985
RestHeartRate=50
[Sensor chest]
Address=C0:DE:00:00:00:04
Runner=ben
Grace=0s
[Sensor foot]
Address=C0:DE:00:00:00:05
Runner=ben
CadenceUnit=strides
Grace=0s
"""


class Failed(Exception):
    pass


def command(*words, check=True):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if check and done.returncode != 0:
        raise Failed('%s ended with %d:\n%s' % (' '.join(words), done.returncode, done.stdout))
    return done.stdout


def as_user(name, *words):
    return subprocess.run(['setpriv', '--reuid=' + name, '--regid=' + name, '--init-groups', *words],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)


def service(name, unit='strided'):
    """A property of a unit."""
    return command('systemctl', 'show', '-p', name, '--value', unit).strip()


def journal(*matches, since_usec=0):
    """The daemon's entries with all their fields; since_usec of now_usec()."""
    lines = command('journalctl', '-q', '-b', '-u', 'strided', '-o', 'json', *matches).splitlines()
    entries = [json.loads(line) for line in lines]
    return [entry for entry in entries if int(entry['__MONOTONIC_TIMESTAMP']) >= since_usec]


def said(text, since_usec=0):
    return [entry['MESSAGE'] for entry in journal(since_usec=since_usec) if text in entry['MESSAGE']]


def rows(sql, *values):
    """Of the daemon's database."""
    with contextlib.closing(sqlite3.connect('file:%s/strided.db?mode=ro' % STATE, uri=True, timeout=60)) as database:
        return database.execute(sql, values).fetchall()


def now_usec():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


def until(condition, what, within=SOON):
    """For what has no signal to wait for: files and the state of a unit."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise Failed('%s: not within %d s' % (what, within))
        time.sleep(0.2)


def stays(condition, what, for_s):
    """Holds all the time; what is not to happen has no signal either."""
    end = time.monotonic() + for_s
    while time.monotonic() < end:
        if not condition():
            raise Failed('%s: only for %d s' % (what, for_s - (end - time.monotonic())))
        time.sleep(0.5)


def near(value, wanted, by):
    return value is not None and abs(value - wanted) <= by


class Broker:
    """Everything the broker delivers, as it comes: the last payload of each topic, all of live, all events."""

    def __init__(self):
        self._arrived = threading.Condition()
        self._last = {}         # topic: (serial number, value)
        self._serial = 0
        self.live = []          # (when it came, runner, message)
        self.told = []          # (when it came, event)
        # A session of its own at the broker, so that nothing is missed while it looks elsewhere.
        self._process = subprocess.Popen(
            ['mosquitto_sub', '-h', 'localhost', '-V', 'mqttv5', '-q', '1', '-c', '-i', 'witness', '-x', '3600',
             '-t', GATEWAY + '/#', '-F', '%t %p'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            topic, _, payload = line.rstrip('\n').partition(' ')
            try:
                value = json.loads(payload)
            except ValueError:
                value = payload
            with self._arrived:
                self._serial += 1
                self._last[topic] = (self._serial, value)
                if topic.endswith('/live'):
                    self.live.append((now_usec(), topic.split('/')[-2], value))
                elif topic.endswith('/event'):
                    self.told.append((now_usec(), value))
                self._arrived.notify_all()

    @property
    def events(self):
        return [event for _, event in list(self.told)]

    def last(self, topic):
        with self._arrived:
            return self._last.get(topic, (0, None))[1]

    def wait(self, topic, wanted, within=SOON, fresh=False):
        """The value of topic once wanted(value) holds; fresh: only one that arrives from now on."""
        deadline = time.monotonic() + within
        with self._arrived:
            oldest = self._serial if fresh else 0
            while True:
                serial, value = self._last.get(topic, (0, None))
                if serial > oldest and wanted(value):
                    return value
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Failed('%s within %d s; last was: %s' % (topic, within, json.dumps(value)))
                self._arrived.wait(left)


class Air:
    """The other end of guest/air.py's socket."""

    def __init__(self):
        with open('/job/air.log', 'w', encoding='utf-8') as log:
            self._process = subprocess.Popen([TREE + '/tests/vm/guest/air.py'], stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=log)
        self._complaints = open('/job/air.log', encoding='utf-8')
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind('/run/air-%d.sock' % os.getpid())
        self._socket.settimeout(10)
        self._one_at_a_time = threading.Lock()
        until(self._is_there, 'the air is there')

    def _is_there(self):
        """A name that is there may have nobody behind it for a moment: bind() makes the one, then the other."""
        return self._socket.connect_ex('/run/air.sock') == 0

    def __call__(self, line):
        with self._one_at_a_time:
            self._socket.send(line.encode())
            answer = self._socket.recv(4096).decode()
        if answer.startswith('error'):
            raise Failed('air: %s: %s' % (line, answer))
        return answer

    def number(self, line):
        return float(self(line))

    def check(self):
        """What it did wrong by itself, since the last look: a sensor that stands still would be taken for a quiet one."""
        complaint = self._complaints.read()
        if complaint:
            raise Failed('the air: ' + complaint)


class World:
    """The machine that the cases share. Each case leaves it as it found it: all sensors streaming."""

    def __init__(self):
        self.broker = self.air = None
        self.begun_m = {}       # of a runner's odometer, where their session began

    # ---- the service ---------------------------------------------------------------------------
    def install(self):
        command('systemctl', 'start', 'mosquitto')
        os.makedirs(os.path.dirname(HASTE_FILE), exist_ok=True)
        with open(HASTE_FILE, 'w', encoding='utf-8') as file:
            file.write(HASTE)
        self.broker = Broker()
        os.environ['STRIDED_BUILD'] = BUILD
        done = command(TREE + '/run', 'install', '--prebuilt', '--broker', 'mqtt://localhost:1883')
        self.broker.wait(GATEWAY + '/status', lambda status: status == 'online')
        return done

    def configure(self, text, path=CONFIG_FILE):
        """Adds the text to the configuration; it is taken at once."""
        with open(path, 'a', encoding='utf-8') as file:
            file.write(text)
        command('/usr/local/bin/strided', '--check-config')
        command('systemctl', 'reload', 'strided')

    @contextlib.contextmanager
    def configured(self, text):
        """As configure(), for the length of a case."""
        self.configure(text, CASE_FILE)
        try:
            yield
        finally:
            os.unlink(CASE_FILE)
            command('systemctl', 'reload', 'strided')

    def plug(self):
        command('modprobe', 'hci_vhci')
        self.air = Air()

    # ---- what the broker is told ---------------------------------------------------------------
    def state(self, name):
        return (self.broker.last('%s/sensor/%s' % (GATEWAY, name)) or {}).get('state')

    def wait_states(self, states, sensors=SENSORS, within=LATER, fresh=False):
        for name in sensors:
            self.broker.wait('%s/sensor/%s' % (GATEWAY, name), lambda s: s['state'] in states, within, fresh)

    def wait_away(self, *sensors, within=LATER):
        self.wait_states({'absent', 'seen', 'waiting', 'connecting', 'unavailable', 'released'}, sensors,
                         within)

    def wait_streams(self, *sensors, within=LATER):
        self.wait_states({'streaming'}, sensors or SENSORS, within)

    def wait_live(self, within=SOON, runner=ANNA, **wanted):
        """A fresh live message with each key near (value, by), or null for None."""
        def holds(live):
            return all(live[key] is None if value is None else near(live[key], *value)
                       for key, value in wanted.items())
        return self.broker.wait(runner + '/live', holds, within, fresh=True)

    def wait_problem(self, text, within=LATER):
        self.broker.wait(GATEWAY + '/health', lambda health: any(text in one for one in health['problems']),
                         within)

    def doctor(self, *wanted):
        """Its findings by the id of their line; each of `wanted` must be among them."""
        found = {row['line']: row for row in json.loads(command(STRIDECTL, '--json', 'doctor', check=False))['lines']}
        for line in wanted:
            if line not in found:
                raise Failed('the doctor does not say %s, but: %s' % (line, {one: row['found'] for one, row in found.items()
                                                                           if row['mark'] != 'ok'}))
        return found

    def problems(self):
        return (self.broker.last(GATEWAY + '/health') or {'problems': []})['problems']

    def runners(self):
        return [runner.split('/')[-1] for runner in (ANNA, BEN)]

    def sessions(self):
        """Of each runner, the one that is open."""
        return {runner: self.broker.wait(runner + '/live', lambda live: live['session'], fresh=True)['session']
                for runner in (ANNA, BEN)}

    # ---- links ---------------------------------------------------------------------------------
    def linked(self, name):
        """Whether bluetoothd has a link to the sensor."""
        number = {'strap': 1, 'pod': 2, 'belt': 3, 'chest': 4, 'foot': 5, 'spare': 6}[name]
        path = '/org/bluez/hci0/dev_C0_DE_00_00_00_%02d' % number
        return 'true' in command('busctl', '--auto-start=no', 'get-property', 'org.bluez', path,
                                 'org.bluez.Device1', 'Connected', check=False)

    def connections(self):
        """How often each sensor was connected to."""
        return {sensor: self.air.number(sensor + ' connections') for sensor in SENSORS}

    def release(self, name, for_s):
        command(STRIDECTL, 'release', name, str(for_s))

    def heal(self, sensor):
        for line in ('set muted 0', 'set deaf 0', 'set failures 0', 'set taken 0', 'range 1'):
            self.air('%s %s' % (sensor, line))

    def recover(self):
        """All stream, whatever a case left behind; a case that failed may have left a lot."""
        for sensor in SENSORS:
            self.heal(sensor)
        for line in ('spare range 0', 'radio plug', 'foot set speed_m_s 3', 'foot set strides_per_min 90',
                     'chest set heart_rate_bpm 140', 'belt set speed_km_h 12', 'pod set speed_m_s 3.3333',
                     'pod set strides_per_min 84'):
            self.air(line)
        command('systemctl', 'start', 'bluetooth', 'strided')
        self.wait_streams()
