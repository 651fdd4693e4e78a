#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
The whole way on the real thing, in the guest: `./run install` with a running systemd, the sandboxed
unit, the real bluetoothd and Mosquitto; only the sensors are simulated, and those below HCI.

Each step is asserted on what the broker delivers, with a deadline. Emulation is slow and uneven, so
deadlines are generous, and nothing is asserted about less than a second.
"""
import json
import os
import socket
import subprocess
import sys
import threading
import time

TREE, BUILD = '/tree', '/build'
GATEWAY = 'strided/vm'
RUNNER = GATEWAY + '/runner/anna'
SENSORS = ('strap', 'pod', 'belt')
SOON, LATER = 60, 150       # seconds
STRIDECTL = '/usr/local/bin/stridectl'

# As the unit, but so that a frozen daemon is found out and replaced before the smoke's patience ends.
HASTE = """
[Service]
WatchdogSec=10s
TimeoutAbortSec=2s
RestartSec=1s
"""

CONFIG = """
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


def service(name):
    """A property of the running unit."""
    return command('systemctl', 'show', '-p', name, '--value', 'strided').strip()


def journal(*matches):
    """The daemon's entries with all their fields."""
    lines = command('journalctl', '-q', '-u', 'strided', '-o', 'json', *matches)
    return [json.loads(line) for line in lines.splitlines()]


def as_user(name, *words):
    return subprocess.run(['setpriv', '--reuid=' + name, '--regid=' + name, '--init-groups', *words],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)


class Broker:
    """Everything the broker delivers, as it comes: the last payload of each topic, and all of live."""

    def __init__(self):
        self._arrived = threading.Condition()
        self._last = {}         # topic: (serial number, value)
        self._serial = 0
        self.live = []
        self._process = subprocess.Popen(
            ['mosquitto_sub', '-h', 'localhost', '-V', 'mqttv5', '-q', '1', '-t', GATEWAY + '/#',
             '-F', '%t %p'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
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
                if topic == RUNNER + '/live':
                    self.live.append(value)
                self._arrived.notify_all()

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
        self._log = open('/job/air.log', 'w', encoding='utf-8')
        self._process = subprocess.Popen([TREE + '/tests/vm/guest/air.py'], stdin=subprocess.DEVNULL,
                                         stdout=self._log, stderr=self._log)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind('/run/air-%d.sock' % os.getpid())
        self._socket.settimeout(10)
        until(lambda: os.path.exists('/run/air.sock'), 'the air is there')
        self._socket.connect('/run/air.sock')

    def __call__(self, line):
        self._socket.send(line.encode())
        answer = self._socket.recv(4096).decode()
        if answer.startswith('error'):
            raise Failed('air: %s: %s' % (line, answer))
        return answer


def until(condition, what, within=SOON):
    """For what has no signal to wait for: files and the state of a unit."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise Failed('%s: not within %d s' % (what, within))
        time.sleep(0.2)


def near(value, wanted, by):
    return value is not None and abs(value - wanted) <= by


class Smoke:
    def __init__(self):
        self.broker = self.air = self.session = None

    def wait_states(self, states, sensors=SENSORS, within=LATER):
        for name in sensors:
            self.broker.wait('%s/sensor/%s' % (GATEWAY, name), lambda s: s['state'] in states, within)

    def wait_live(self, within=SOON, **wanted):
        """A fresh live message with each key near (value, by), or null for None."""
        def holds(live):
            return all(live[key] is None if value is None else near(live[key], *value)
                       for key, value in wanted.items())
        return self.broker.wait(RUNNER + '/live', holds, within, fresh=True)

    # ---- the steps, in this order ---------------------------------------------------------------
    def step_install_starts_the_service(self):
        command('systemctl', 'start', 'mosquitto')
        os.makedirs('/run/systemd/system/strided.service.d')
        with open('/run/systemd/system/strided.service.d/haste.conf', 'w', encoding='utf-8') as file:
            file.write(HASTE)
        self.broker = Broker()
        os.environ['STRIDED_BUILD'] = BUILD
        print(command(TREE + '/run', 'install', '--prebuilt', '--broker', 'mqtt://localhost:1883'))
        self.broker.wait(GATEWAY + '/status', lambda status: status == 'online')
        if service('User') != 'strided':
            raise Failed('the service runs as ' + service('User'))
        if not service('StatusText'):
            raise Failed('the service tells systemd no status')

    def step_reload_takes_the_sensors_and_says_that_there_is_no_adapter(self):
        with open('/etc/strided/strided.conf', 'a', encoding='utf-8') as file:
            file.write(CONFIG)
        command('/usr/local/bin/strided', '--check-config')
        command('systemctl', 'reload', 'strided')
        self.wait_states({'unavailable'})

    def step_an_adapter_appears_and_every_sensor_streams(self):
        command('modprobe', 'hci_vhci')
        self.air = Air()
        self.wait_states({'streaming'})

    def step_the_values_at_the_broker_are_the_sensors_own(self):
        live = self.wait_live(LATER, heart_rate_bpm=(120, 1), cadence_spm=(168, 1),
                              speed_m_s=(10 / 3.6, 0.05), grade_pct=(2.5, 0.05))
        source = live['source']
        if (source['distance'], source['cadence'], source['heart_rate']) != ('belt', 'pod', 'strap'):
            raise Failed('sources: %s' % source)
        self.session = live['session']
        if not self.session:
            raise Failed('live without a session: %s' % live)

    def step_the_strap_tells_who_made_it(self):
        self.broker.wait(GATEWAY + '/sensor/strap', lambda s: s['model'] == 'SimStrap' and
                         s['firmware'] == '1.2.3' and s['battery_pct'] == 87)

    def step_changes_arrive(self):
        for line in ('strap set heart_rate_bpm 150', 'belt set speed_km_h 12', 'belt set incline_pct 5'):
            self.air(line)
        self.wait_live(heart_rate_bpm=(150, 1), speed_m_s=(12 / 3.6, 0.05), grade_pct=(5, 0.05))

    def step_a_treadmill_that_splits_its_records_is_understood(self):
        self.air('belt set split 1')
        self.air('belt set incline_pct 1.5')
        self.wait_live(speed_m_s=(12 / 3.6, 0.05), grade_pct=(1.5, 0.05))

    def step_a_strap_out_of_range_is_null_not_stale(self):
        self.air('strap range 0')
        self.wait_states({'absent', 'seen', 'waiting', 'connecting'}, ['strap'])
        self.wait_live(heart_rate_bpm=None, cadence_spm=(168, 1))

    def step_and_back(self):
        self.air('strap range 1')
        self.wait_states({'streaming'}, ['strap'])
        self.wait_live(heart_rate_bpm=(150, 1))

    def step_a_bluetoothd_that_is_killed_is_said(self):
        # Held down, so that nobody's activation brings it back before it was seen to be away; ours
        # least of all: whoever masks it wants it to stay down.
        command('systemctl', 'mask', '--runtime', 'bluetooth')
        command('systemctl', 'kill', '--signal=KILL', 'bluetooth')
        self.wait_states({'unavailable'})
        self.broker.wait(GATEWAY + '/status', lambda status: status == 'online')

    def step_and_back_without_help_once_it_may_run(self):
        command('systemctl', 'unmask', '--runtime', 'bluetooth')
        until(lambda: [entry for entry in journal() if 'bluetoothd crashed: starting it again' in
                       entry['MESSAGE']], 'it is started again')
        self.wait_states({'streaming'})
        live = self.wait_live(LATER, heart_rate_bpm=(150, 1), cadence_spm=(168, 1),
                              speed_m_s=(12 / 3.6, 0.05))
        if live['session'] != self.session:
            raise Failed('a second session began: %s after %s' % (live['session'], self.session))

    def step_root_is_heard_through_the_bus_policy(self):
        for verb, wanted in ('status', self.session), ('sensors', 'streaming'):
            shown = command(STRIDECTL, verb)
            if wanted not in shown:
                raise Failed('%s: %s' % (verb, shown))

    def step_a_member_of_the_group_is_heard_and_another_user_is_not(self):
        command('useradd', '--no-create-home', '--groups', 'strided', 'member')
        command('useradd', '--no-create-home', 'stranger')
        done = as_user('member', STRIDECTL, 'status')
        if done.returncode != 0 or self.session not in done.stdout:
            raise Failed('a member was answered %d: %s' % (done.returncode, done.stdout))
        done = as_user('stranger', STRIDECTL, 'status')
        if done.returncode == 0 or 'not allowed' not in done.stdout or self.session in done.stdout:
            raise Failed('a stranger was answered %d: %s' % (done.returncode, done.stdout))
        done = as_user('stranger', 'busctl', 'call', 'org.strided1', '/org/strided1',
                       'org.freedesktop.DBus.Introspectable', 'Introspect')
        if done.returncode != 0:
            raise Failed('a stranger may not look: ' + done.stdout)

    def step_the_journal_can_be_filtered_by_fields(self):
        states = [entry.get('STATE') for entry in journal('SENSOR=strap')]
        if 'streaming' not in states or 'unavailable' not in states:
            raise Failed('SENSOR=strap went through %s' % states)
        states = [entry.get('STATE') for entry in journal('SESSION=' + self.session)]
        if not states or None in states:
            raise Failed('SESSION=%s went through %s' % (self.session, states))

    def step_what_is_recorded_knows_the_boot_and_its_memory(self):
        with open('/proc/sys/kernel/random/boot_id', encoding='ascii') as file:
            boot = file.read().strip().replace('-', '')
        command('grep', '-rqa', '^A %s ' % boot, '/var/lib/strided')
        self.broker.wait(GATEWAY + '/health', lambda health: health['rss_bytes'] > 1 << 20, LATER)

    def step_the_sandbox_refused_nothing_it_needs(self):
        if service('NRestarts') != '0':
            raise Failed('the service was restarted')
        problems = [entry['MESSAGE'] for entry in journal('PRIORITY=3', 'PRIORITY=4')]
        if any(sign in problem for problem in problems
               for sign in ('Operation not permitted', 'Permission denied', 'Read-only file system')):
            raise Failed('\n'.join(problems))

    def step_a_frozen_daemon_is_replaced_and_the_session_goes_on(self):
        frozen = service('MainPID')
        command('kill', '-STOP', frozen)
        until(lambda: service('NRestarts') == '1' and service('ActiveState') == 'active',
              'systemd replaces it')
        if service('MainPID') == frozen:
            raise Failed('it is still the frozen one')
        if not any('watchdog' in entry['MESSAGE'].lower() for entry in journal()):
            raise Failed('the watchdog did not say so')
        live = self.wait_live(LATER, heart_rate_bpm=(150, 1), cadence_spm=(168, 1),
                              speed_m_s=(12 / 3.6, 0.05))
        if live['session'] != self.session:
            raise Failed('a second session began: %s after %s' % (live['session'], self.session))

    def step_distance_only_grew(self):
        metres = [live['distance_m'] for live in self.broker.live
                  if live['session'] == self.session and live['distance_m'] is not None]
        if not metres or any(after < before for before, after in zip(metres, metres[1:])):
            raise Failed('distances: %s' % metres)

    def step_stop_is_clean(self):
        command('systemctl', 'stop', 'strided')
        self.broker.wait(GATEWAY + '/status', lambda status: status == 'offline')
        if service('Result') != 'success':
            raise Failed('the service ended with ' + service('Result'))
        for number in (1, 2, 3):
            path = '/org/bluez/hci0/dev_C0_DE_00_00_00_%02d' % number
            until(lambda path=path: 'true' not in command(
                'busctl', 'get-property', 'org.bluez', path, 'org.bluez.Device1', 'Connected', check=False),
                path + ' is let go')

    def step_uninstall_leaves_nothing(self):
        command(TREE + '/run', 'uninstall', '--purge')
        if os.path.exists('/etc/strided') or os.path.exists('/var/lib/strided'):
            raise Failed('settings or recordings are still there')
        if 'strided' in command('getent', 'passwd', 'strided', check=False):
            raise Failed('the user is still there')


def main():
    smoke = Smoke()
    steps = [name for name in vars(Smoke) if name.startswith('step_')]
    passed, failed = 0, 0
    began = time.monotonic()
    for number, name in enumerate(steps, 1):
        label = name.removeprefix('step_').replace('_', ' ')
        try:
            getattr(smoke, name)()
        except Exception as error:      # a scenario's own mistake is a failure like any other
            failed = 1
            print('not ok %d - %s (%d s)' % (number, label, time.monotonic() - began))
            print('# ' + str(error).replace('\n', '\n# ') if isinstance(error, Failed) else repr(error))
            print(command('journalctl', '-q', '-u', 'strided', '-u', 'bluetooth', '-n', '80', '--no-pager',
                          '-o', 'short-monotonic', check=False))
            break       # each step stands on the one before
        passed += 1
        print('ok %d - %s (%d s)' % (number, label, time.monotonic() - began), flush=True)
    print('%d passed, %d failed, %d skipped' % (passed, failed, len(steps) - passed - failed))
    return failed


if __name__ == '__main__':
    sys.exit(main())
