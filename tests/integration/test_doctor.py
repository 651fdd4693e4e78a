#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""stridectl doctor on a machine that is made up: configuration, bus, service, Bluetooth, sensors, a Pi, the clock.
Every line of its table is provoked here, in test_doctor_world.py, or in tests/unit/test_doctor.c where it takes a disk
that no test can make."""
import json
import os
import re
import socket
import subprocess
import time
import unittest
from pathlib import Path

from harness import Mosquitto, find_program, free_port
from services import BLUEZ, STRIDED, SYSTEMD, TIMEDATE
from patient import HEALTH, INSTALLED, PASSWORD, ROOT_OR_SKIP, SEEN, Patient, check_that_all_were_seen, payload, table, versions
from world import PATIENCE, POD, STRAP, run_tests, sensor


class Doctor(Patient):
    # ---- configuration ----

    def test_configuration(self):
        self.expect('config-sound', "^strided.conf: gateway 'hall', 0 runners, 0 sensors")
        self.configure('Nmae=x', '[MQTT]', 'Uri=tcp://x', '[Sensor a]')
        found = self.expect('config-wrong', r'strided\.conf:3: .*Nmae')
        self.assertEqual(len(found['config-wrong']), 3, 'all of them at once')
        self.assertIn('strided.conf:5: ', found['config-wrong'][1])
        self.configure()
        (self.state / 'assigned.conf').write_text('[Sensor b]\nAdress=x\n')
        self.expect('config-doubt', r'assigned\.conf:2: ') # it keeps strided from nothing
        (self.state / 'assigned.conf').unlink()
        drop_in = Path(str(self.config) + '.d')
        drop_in.mkdir()
        (drop_in / 'x.conf').write_text('[Runner anna]\n')
        self.expect('config-sound', '^strided.conf, x.conf: .* 1 runner,')
        (drop_in / 'x.conf').write_text('[Runner anna]\nMaxHeartRate=1\n')
        self.expect('config-wrong', r'x\.conf:2: ')

    def test_the_configuration_of_the_units_command_line(self):
        self.start_machine()
        self.names_config = False
        self.config.write_text('[Gateway]\nName=cellar\n')
        for words in (['--config', str(self.config)], ['--config=%s' % self.config]):
            self.machine.service['ExecStart'] = ('a(sasbttttuii)', [['x', ['strided', *words], False, 0, 0, 0, 0, 0, 0, 0]])
            self.expect('config-sound', "gateway 'cellar'")

    def test_a_configuration_to_doubt(self):
        secret = self.folder / 'password'
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self.configure('[MQTT]', 'Uri=mqtt://localhost:%d' % free_port(), 'Username=x', 'PasswordFile=%s' % secret)
        self.expect('config-doubt', 'others may read the password')

    @ROOT_OR_SKIP
    def test_a_secret_that_the_service_may_not_read(self):
        secret = self.folder / 'password'
        secret.write_text(PASSWORD)
        secret.chmod(0o600)
        self.open_way()
        self.user = 'nobody'
        self.configure('[MQTT]', 'Uri=mqtt://localhost:%d' % free_port(), 'Username=x', 'PasswordFile=%s' % secret)
        self.expect('config-secret', 'user nobody, as whom the service runs, may not read it')

    def test_secrets_and_the_services_sandbox(self):
        machine = self.start_machine()
        here = self.folder / 'password'
        here.write_text(PASSWORD)
        here.chmod(0o600)
        machine.service['PrivateTmp'] = ('b', True)
        hidden = str(here).startswith('/tmp/')
        self.configure('[MQTT]', 'Uri=mqtt://localhost:%d' % free_port(), 'Username=x',
                       'PasswordFile=%s' % (here if hidden else '/home/pi/password'))
        self.expect('config-hidden', 'by %s=' % ('PrivateTmp' if hidden else 'ProtectHome'))

    @ROOT_OR_SKIP
    def test_a_password_that_only_the_running_service_has(self):
        machine = self.start_machine()
        machine.unit['ActiveState'] = ('s', 'inactive')
        with Mosquitto() as broker:
            self.configure('[MQTT]', 'Uri=' + broker.uri, 'Username=x',
                           'PasswordFile=/run/credentials/strided.service/mqtt-password')
            found = self.expect('login-skipped', 'while the service does not run')
            self.assertNotIn('config-wrong', found)
            self.assertIn('config-skipped', found)
            self.configure('[MQTT]', 'Uri=' + broker.uri, 'Username=x')
            self.assertIn('login-taken', self.doctor(), 'a login without a password')
            machine.service['LoadCredential'] = ('a(ss)', [['mqtt-password', '/etc/strided/mqtt-password']])
            self.expect('login-skipped', 'while the service does not run')

    @ROOT_OR_SKIP
    def test_what_is_not_for_everybody_is_skipped(self):
        self.open_way()
        secret = self.folder / 'password'
        secret.write_text(PASSWORD)
        secret.chmod(0o600)
        with Mosquitto() as broker:
            self.configure('[MQTT]', 'Uri=' + broker.uri, 'Username=x', 'PasswordFile=%s' % secret,
                           '[Import]', 'Folder=/srv')
            found = self.doctor(by='nobody')
        self.assertRegex(' '.join(found['config-skipped']), 'assigned.conf is for root.*Permission denied')
        self.assertRegex(found['login-skipped'][0], 'run it with sudo')
        self.assertIn('broker-listens', found)
        for line in ('disk-skipped', 'database-skipped', 'recordings-skipped'):
            self.assertRegex(found[line][0], 'for root and the service')

    def test_no_configuration(self):
        done = subprocess.run([find_program('stridectl', 'STRIDECTL'), '--json', 'doctor', 'state=%s' % self.state],
                              env={**os.environ, **self.bus.environment()}, capture_output=True, text=True,
                              timeout=PATIENCE)
        lines = {line['line'] for line in json.loads(done.stdout)['lines']}
        SEEN.update(lines)
        self.assertIn('config-none' if not INSTALLED else 'config-sound', lines)

    # ---- bus, service, strided ----

    def test_no_bus(self):
        found = self.expect('bus-none', 'apt install dbus', address='unix:path=%s/no-bus' % self.folder)
        for line in ('service-skipped', 'daemon-skipped', 'bluetoothd-skipped', 'adapter-skipped', 'discovery-skipped',
                     'sensor-none', 'links-skipped', 'clock-assumed', 'problems-skipped'):
            self.assertIn(line, found)

    def test_a_bus_that_does_not_answer(self):
        path = str(self.folder / 'silent')
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            self.expect('bus-silent', address='unix:path=' + path)

    def test_the_service_as_systemd_sees_it(self):
        machine = self.start_machine()
        self.expect('service-runs', r'it runs since 2026-\d\d-\d\d')
        machine.service['NRestarts'] = ('u', 3)
        self.expect('service-restarted', 'ended by itself 3 times')
        machine.service['NRestarts'] = ('u', 0)
        machine.unit.update({'UnitFileState': ('s', 'disabled'), 'NeedDaemonReload': ('b', True)})
        found = self.expect('service-disabled')
        self.assertIn('service-old-unit', found)
        for line, pattern, load, active, sub, result, status in (
                ('service-none', 'run install', 'not-found', 'inactive', 'dead', 'success', 0),
                ('service-masked', 'unmask', 'masked', 'inactive', 'dead', 'success', 0),
                ('service-stopped', 'systemctl start', 'loaded', 'inactive', 'dead', 'success', 0),
                ('service-starting', 'activating', 'loaded', 'activating', 'start', 'success', 0),
                ('service-failed', r'watchdog, status 6\b.*journalctl', 'loaded', 'failed', 'failed', 'watchdog', 6),
                ('service-config', 'check-config', 'loaded', 'failed', 'failed', 'exit-code', 78),
                ('service-taken', 'another strided', 'loaded', 'activating', 'auto-restart', 'exit-code', 75),
                ('service-again', 'again and again', 'loaded', 'activating', 'auto-restart', 'signal', 11),
                ('service-limit', 'reset-failed', 'loaded', 'failed', 'failed', 'start-limit-hit', 1)):
            with self.subTest(line):
                machine.unit.update({'LoadState': ('s', load), 'ActiveState': ('s', active), 'SubState': ('s', sub)})
                machine.service.update({'Result': ('s', result), 'ExecMainStatus': ('i', status)})
                self.expect(line, pattern)

    def test_systemd_that_does_not_answer(self):
        self.start_machine().mute.add(SYSTEMD)
        self.expect('service-skipped', 'systemd does not answer')

    def test_strided_as_it_answers(self):
        machine = self.start_machine()
        self.expect('daemon-unnamed', 'not on the bus as org.strided1')
        machine.unit['ActiveState'] = ('s', 'inactive')
        self.expect('daemon-skipped', 'does not run')
        self.strided_says()
        found = self.expect('daemon-answers', re.escape(versions()))
        self.assertIn('service-by-hand', found)
        self.assertIn('problems-none', found)
        machine.status['version'] = '0.0.1'
        self.expect('daemon-other', r'strided 0\.0\.1 still runs')
        machine.refuses = True
        self.expect('daemon-skipped', 'group strided')
        machine.refuses = False
        machine.mute.add(STRIDED)
        self.expect('daemon-silent')

    def test_problems_that_strided_says_of_itself(self):
        self.strided_says(health={**HEALTH, 'problems': ['Recordings cannot be written: No space left on device',
                                                         'the Bluetooth adapter hci0 is off: x']})
        self.machine.adapters['hci0']['Powered'] = False
        found = self.expect('problems-said', 'Recordings cannot be written')
        self.assertEqual(len(found['problems-said']), 1, 'what a line says is not said twice')

    def test_what_others_call_themselves_moves_no_cursor(self):
        self.strided_says(health={**HEALTH, 'problems': ['F0:9E\x1b[2J\x1b]0;owned\x07 has nothing that can be read']})
        text = self.doctor_text()
        self.assertIn('has nothing that can be read', text)
        self.assertEqual([c for c in text if ord(c) < 32 and c != '\n'], [])

    def test_a_disk_without_room(self):
        # a sanitizer wants to stand before what is preloaded, and need not here
        env = {'LD_PRELOAD': os.environ['STRIDED_SMALL_DISK'],
               'ASAN_OPTIONS': ':'.join(filter(None, [os.environ.get('ASAN_OPTIONS'), 'verify_asan_link_order=0']))}
        for line, more in (('disk-room', {'SMALL_DISK_MB': '900'}), ('disk-low', {'SMALL_DISK_MB': '499'}),
                           ('disk-full', {'SMALL_DISK_MB': '63'}), ('disk-read-only', {'SMALL_DISK_RO': '1'})):
            with self.subTest(line):
                found = self.expect(line, re.escape(str(self.state)), env={**env, **more})
                self.assertEqual([one for one in found if one.startswith('disk-') and one != 'disk-owner'], [line])

    # ---- Bluetooth ----

    def test_bluetoothd_that_is_not_there(self):
        machine = self.start_machine(SYSTEMD)
        for line, *state in (('bluetoothd-missing', 'not-found', 'inactive'), ('bluetoothd-masked', 'masked', 'inactive'),
                             ('bluetoothd-stopped', 'loaded', 'inactive'), ('bluetoothd-failed', 'loaded', 'failed'),
                             ('bluetoothd-none', 'loaded', 'activating')):
            with self.subTest(line):
                machine.bluetooth = state
                self.expect(line)

    def test_bluetoothd_that_does_not_answer(self):
        self.start_machine().mute.add(BLUEZ)
        found = self.expect('bluetoothd-silent', 'restart bluetooth')
        self.assertIn('adapter-skipped', found)

    def test_versions_of_bluetoothd(self):
        self.start_machine()
        self.expect('bluetoothd-runs', 'its version is not told')
        dpkg = 'Package: bluez-cups\nStatus: install ok installed\nVersion: 9.9\n\nPackage: bluez\nStatus: %s\nVersion: %s\n'
        self.put('/var/lib/dpkg/status', dpkg % ('install ok installed', '5.66-1+deb12u2'))
        self.expect('bluetoothd-runs', r'5\.66-1\+deb12u2; known of it: .*AcquireNotify')
        self.put('/var/lib/dpkg/status', dpkg % ('install ok installed', '5.64-0ubuntu1'))
        self.expect('bluetoothd-bug', 'notifications stay away.*bluez issue 509')
        # removed, and one that was built by hand tells
        self.put('/var/lib/dpkg/status', dpkg % ('deinstall ok config-files', '5.50-1'))
        self.put('/usr/libexec/bluetooth/bluetoothd', '#!/bin/sh\n[ "$1" = --version ] && echo 5.87\n')
        (self.root / 'usr/libexec/bluetooth/bluetoothd').chmod(0o755)
        self.expect('bluetoothd-bug', r'5\.87 of bluez')

    def test_adapters(self):
        machine = self.start_machine()
        self.expect('adapter-powered', 'hci0 00:1B:DC:00:00:01 is on')
        machine.adapters['hci0']['Powered'] = False
        self.expect('adapter-off', 'bluetoothctl power on')
        self.put('/sys/class/rfkill/rfkill1/type', 'bluetooth\n')
        self.put('/sys/class/rfkill/rfkill1/soft', '1\n')
        self.put('/sys/class/rfkill/rfkill1/hard', '0\n')
        self.expect('adapter-soft', 'rfkill unblock')
        self.put('/sys/class/rfkill/rfkill1/hard', '1\n')
        self.expect('adapter-hard')
        machine.adapters['hci1'] = {'Address': '00:1B:DC:00:00:02', 'Powered': True, 'Discovering': False}
        self.expect('adapter-powered', 'hci1')
        self.configure('Adapter=hci7')
        self.expect('adapter-missing', 'Adapter=hci7 .*hci0 00:1B:DC:00:00:01, hci1')
        self.configure('Adapter=00:1B:DC:00:00:01')
        self.expect('adapter-hard', 'hci0')
        self.configure()
        machine.adapters.clear()
        self.expect('adapter-none', 'Plug one in')
        self.put('/sys/class/bluetooth/hci0/x')
        self.expect('adapter-unclaimed', 'the kernel has hci0')

    def test_a_blocked_radio_without_bluetoothd(self):
        self.put('/sys/class/rfkill/rfkill1/type', 'bluetooth\n')
        self.put('/sys/class/rfkill/rfkill1/soft', '1\n')
        self.expect('adapter-soft', 'by software')
        self.put('/sys/class/rfkill/rfkill1/hard', '1\n')
        found = self.expect('adapter-hard', 'Bluetooth is blocked by a switch')
        self.assertNotIn('adapter-soft', found)
        self.assertTrue(any(line.startswith('bluetoothd-') for line in found), found)

    def test_who_scans(self):
        machine = self.start_machine()
        self.expect('discovery-free')
        machine.adapters['hci0']['Discovering'] = True
        self.expect('discovery-other', 'another program scans on hci0')
        # at rest there are sensors that strided looks for now and then
        self.strided_says(scanning=False)
        machine.sensors = [payload('pod', 'absent', 'out of range')]
        self.expect('discovery-other', 'another program scans on hci0')
        # a burst of its own that goes on and on, and one that ends
        machine.status['scanning'] = True
        self.expect('discovery-skipped', 'strided looks for sensors')
        said = iter([True] * 7)
        machine.changes = lambda: machine.status.update(scanning=next(said, False)) or \
            machine.adapters['hci0'].update(Discovering=machine.status['scanning'])
        self.expect('discovery-free', 'nobody but strided')
        machine.changes = None
        machine.adapters['hci0']['Discovering'] = True
        machine.status['scanning'] = None # one that was installed before
        self.expect('discovery-skipped', 'is not known here')
        machine.refuses = True
        self.expect('discovery-skipped', 'is not known here')

    # ---- sensors ----

    def test_sensors_as_strided_sees_them(self):
        self.strided_says()
        self.expect('sensor-none', 'strided --scan')
        seen = '2026-11-22T10:00:00Z'
        for line, pattern, *what in (
                ('sensor-well', 'pod: streaming, subscribed, battery 87 %, signal -56 dBm', 'streaming', 'subscribed',
                 {'battery_pct': 87, 'signal': -56}),
                ('sensor-well', 'last heard 2026-11-22', 'absent', 'asleep', {'last_seen': seen}),
                ('sensor-unheard', 'perhaps connected elsewhere', 'absent', '', {}),
                ('sensor-elsewhere', 'perhaps connected elsewhere', 'absent',
                 'adverts stopped during Grace: perhaps connected elsewhere', {'last_seen': seen}),
                ('sensor-mute', 'silent', 'silent', 'no packets', {}),
                ('sensor-battery', '15 % left', 'streaming', '', {'battery_pct': 15}),
                ('sensor-weak', 'signal -91 dBm', 'streaming', '', {'signal': -91}),
                ('sensor-skipped', 'the radio is off', 'unavailable', 'the radio is off', {})):
            with self.subTest(line):
                state, reason, more = what
                signal_dbm = more.pop('signal', None)
                self.machine.status['health'] = {**HEALTH, 'signal_dbm': {'pod': signal_dbm} if signal_dbm else {}}
                self.machine.sensors = [payload('pod', state, reason, **more)]
                found = self.expect(line, pattern)
                self.assertEqual([key for key in found if key.startswith('sensor-')], [line])

    def test_sensors_as_bluetoothd_sees_them(self):
        machine = self.start_machine()
        machine.unit['ActiveState'] = ('s', 'inactive')
        self.configure('[Runner anna]', sensor('pod', POD), sensor('strap', STRAP))
        self.expect('sensor-skipped', 'strap: .*has not heard it')
        machine.devices = {POD: {'Connected': ('b', True), 'Percentage': ('y', 50)},
                           STRAP: {'RSSI': ('n', -60), 'Connected': ('b', False)}}
        found = self.expect('sensor-held', 'pod: .*battery 50 %.*disconnect ' + POD)
        self.assertRegex(found['sensor-well'][0], 'strap: it advertises, signal -60 dBm')
        machine.devices[STRAP] = {'RSSI': ('n', -95), 'Percentage': ('y', 4)}
        self.expect('sensor-battery', 'strap: its battery has 4 % left')
        self.expect('sensor-weak', 'signal -95')
        machine.devices[STRAP] = {'Connected': ('b', False)}
        self.expect('sensor-skipped', 'nobody listens')

    def test_links(self):
        self.strided_says()
        self.machine.sensors = [payload('pod', 'streaming', drops=2)]
        self.expect('links-hold', '2 lost')
        self.machine.unit['ActiveEnterTimestampMonotonic'] = ('t', max(1, int((time.monotonic() - 3600) * 1e6)))
        self.machine.sensors = [payload('pod', 'streaming', drops=40)]
        self.expect('links-drop', 'pod lost its link 40 times')
        self.machine.status['health'] = {**HEALTH, 'problems': [
            'pod drops about 30 s after each connect: it may ask for a connection interval the kernel refuses; see '
            'conn_max_interval in README']}
        found = self.expect('links-interval', 'pod loses its link about 30 s.*MaxConnectionInterval=400')
        self.assertNotIn('problems-said', found)

    # ---- a Pi ----

    def make_pi(self, where='soc/fe201000.serial/tty/ttyAMA0'):
        self.put('/proc/device-tree/model', 'Raspberry Pi 4 Model B Rev 1.4\0')
        target = self.root / 'sys/devices/platform' / where / 'hci0'
        target.mkdir(parents=True)
        (self.root / 'sys/class/bluetooth').mkdir(parents=True)
        (self.root / 'sys/class/bluetooth/hci0').symlink_to('../../devices/platform/%s/hci0' % where)

    def make_wifi(self, state='up'):
        self.put('/sys/class/net/eth0/operstate', 'up\n')
        self.put('/sys/class/net/wlan0/phy80211/name', 'phy0\n')
        self.put('/sys/class/net/wlan0/operstate', state + '\n')

    def test_wifi_beside_a_pis_own_radio(self):
        self.start_machine()
        self.make_wifi()
        self.expect('wifi-skipped', 'no Raspberry Pi')
        self.make_pi()
        self.expect('wifi-perhaps', 'iw dev wlan0 link')
        self.mhz = 2437
        self.expect('wifi-shared', r'hci0 and wlan0 .*2437 MHz')
        self.mhz = 5180
        self.expect('wifi-apart', '5180 MHz')
        self.mhz = 2437
        self.make_wifi('down')
        self.expect('wifi-apart', 'no Wi-Fi of the Pi')
        self.put('/sys/devices/usb1/1-1/net/wlan1/phy80211/name', 'phy1\n')
        self.put('/sys/devices/usb1/1-1/net/wlan1/operstate', 'up\n')
        (self.root / 'sys/class/net/wlan1').symlink_to('../../devices/usb1/1-1/net/wlan1')
        self.expect('wifi-apart', 'no Wi-Fi of the Pi')

    def test_wifi_beside_an_adapter_that_is_plugged_in(self):
        self.start_machine()
        self.make_wifi()
        self.make_pi('usb1/1-1/1-1.2')
        self.mhz = 2437
        self.expect('wifi-apart', 'own Bluetooth is not used')

    def test_wifi_beside_the_adapter_that_is_taken_of_two(self):
        """With Adapter= unset that is the first that is on."""
        machine = self.start_machine()
        self.make_wifi()
        self.make_pi()
        plugged = self.root / 'sys/devices/usb1/1-1/1-1.2/hci1'
        plugged.mkdir(parents=True)
        (self.root / 'sys/class/bluetooth/hci1').symlink_to('../../devices/usb1/1-1/1-1.2/hci1')
        self.mhz = 2437
        machine.adapters['hci1'] = {'Address': '00:1B:DC:00:00:02', 'Powered': True, 'Discovering': False}
        self.expect('wifi-shared', 'hci0 and wlan0')
        machine.adapters['hci0']['Powered'] = False
        self.expect('wifi-apart', 'own Bluetooth is not used')

    def test_clock(self):
        machine = self.start_machine()
        self.expect('clock-synced', 'by the network')
        machine.synced = False
        self.expect('clock-unset', 'set-ntp true')
        self.put('/sys/class/rtc/rtc0/hctosys', '1\n')
        self.expect('clock-rtc', 'battery clock, not by the network')
        machine.disown(TIMEDATE)
        self.expect('clock-rtc')
        self.put('/sys/class/rtc/rtc0/hctosys', '0\n')
        self.expect('clock-assumed')


class Table(unittest.TestCase):
    def test_every_line_is_provoked(self):
        lines = table('(?!CHECK_)')
        self.assertGreater(len(lines), 100)
        tests = Path(os.environ['STRIDED_SOURCE_ROOT']) / 'tests'
        provoked = set()
        for name in 'test_doctor.py', 'test_doctor_world.py':
            provoked |= set(re.findall(r"'([a-z]+-[a-z-]+)'", (tests / 'integration' / name).read_text()))
        provoked |= set(re.findall(r'"([a-z]+-[a-z-]+)"', (tests / 'unit/test_doctor.c').read_text()))
        self.assertEqual(lines - provoked, set())


def tearDownModule():
    check_that_all_were_seen(__file__)


if __name__ == '__main__':
    run_tests()
