#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A world in which something is wrong: one plain sentence each in the log, in STATUS= and in health,
and what still works goes on.
"""
import contextlib
import glob
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'faults'))
from harness import Bus, Mosquitto, Timeout, find_program  # noqa: E402
from slow_world import SlowWorld  # noqa: E402
from world import PATIENCE, Case, NotifySocket, run_tests, wait_until  # noqa: E402

CONFIG = """[Runner anna]
[Sensor pod]
Address=C0:DE:00:00:00:01
Runner=anna
Grace=0s
"""
POD = 'pod:POD:C0:DE:00:00:00:01:scenario=steady'
NOBODY = 65534


class BadWorld(Case):
    def notify(self):
        socket = NotifySocket()
        self.addCleanup(socket.close)
        return socket

    def streams(self, world, heard, since=0):
        heard.wait('sensor/pod$', lambda m: m.json['state'] == 'streaming', since=since)

    def records(self, world):
        """A session is open, and its recording is on the disk."""
        return wait_until(lambda: [p for p in glob.glob(os.path.join(world.state, 'sessions', '*'))
                                   if os.path.getsize(p) > 300], PATIENCE, 'a recording')

    def told(self, world, heard, pattern, log=True, notify=None):
        """The one sentence stands in the log, in health and, where it is the first, in STATUS=."""
        health = heard.wait('hall/health', lambda m: re.search(pattern, ' | '.join(m.json['problems'])),
                            what='health with ' + pattern)
        if log:
            world.daemon.wait_log(pattern)
        if notify:
            notify.wait('^STATUS=.*' + pattern)
        return health.json


class Configuration(BadWorld):
    BAD = """[Gatway]
Name=hall
[MQTT]
Uri=http://broker
Version=4
[Runner anna]
MaxHeartRate=1900
[Runner Bert]
[Sensor pod]
Address=C0:DE
Runner=carl
Grace=2h
Colour=red
"""
    DROP_IN = '[Runner dora]\nTimeZone=Mars/Olympus\n'
    LINES = ((1, 'Gatway'), (4, 'Uri='), (5, 'Version=4'), (7, 'MaxHeartRate=1900'), (8, 'Bert'),
             (10, 'Address=C0:DE'), (11, 'carl'), (12, 'Grace=2h'), (13, 'Colour'))

    def bad_world(self):
        world = self.make_world(bus=False, broker=False)
        with open(world.config, 'w') as f:
            f.write(self.BAD)
        os.mkdir(world.config + '.d')
        with open(world.config + '.d/10-dora.conf', 'w') as f:
            f.write(self.DROP_IN)
        return world

    def check_lines(self, text, config):
        for line, what in self.LINES:
            found = re.search(r'(?m)^(?:error: )?%s:%d: .*%s.*$' % (re.escape(config), line, re.escape(what)), text)
            self.assertTrue(found, (line, what, text))
            self.assertIn('allowed', found.group(0))
        self.assertRegex(text, re.escape(config) + r'\.d/10-dora\.conf:2: TimeZone=Mars/Olympus .*allowed')

    def test_all_that_is_wrong_is_said_at_once_and_the_unit_is_not_restarted(self):
        world = self.bad_world()
        world.start()
        self.assertEqual(world.daemon.wait_end(), 78)
        self.check_lines('\n'.join(l for l in world.daemon.lines if l), world.config)

    def test_check_config_says_the_same_and_exits_with_1(self):
        world = self.bad_world()
        done = subprocess.run([find_program('strided', 'STRIDED'), '--config', world.config, '--check-config'],
                              capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.check_lines(done.stderr, world.config)
        world.write_config(CONFIG)
        shutil.rmtree(world.config + '.d')
        done = subprocess.run([find_program('strided', 'STRIDED'), '--config', world.config, '--check-config'],
                              capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertRegex(done.stdout, r'(?m)^Address=C0:DE:00:00:00:01')

    def test_a_broken_reload_changes_nothing_and_a_good_one_all_that_it_says(self):
        world = self.make_world(CONFIG + '[HomeAssistant]\nDiscovery=yes\n', [POD], clock=10)
        heard = world.subscribe('strided/#', 'homeassistant/#')
        world.start()
        self.streams(world, heard)
        session = heard.wait('runner/anna/session').json
        world.write_config(CONFIG + '[Sensor strap]\nAddress=nowhere\n')
        world.daemon.process.send_signal(signal.SIGHUP)
        world.daemon.wait_log('Address=nowhere is not allowed')
        world.daemon.wait_log('the old one stays in force')
        since = heard.mark()
        heard.wait('runner/anna/live', since=since)
        self.assertEqual([s['name'] for s in world.ask('sensors')['data']['sensors']], ['pod'])

        world.write_config('[Runner bert]\n[Runner anna]\n[Sensor strap]\nAddress=C0:DE:00:00:00:09\n'
                           'Runner=bert\n[HomeAssistant]\nDiscovery=yes\n')
        since = heard.mark()
        world.daemon.process.send_signal(signal.SIGHUP)
        world.daemon.wait_log('Configuration reloaded')
        heard.wait('sensor/pod$', lambda m: m.text == '' and m.retain, since=since)
        heard.wait('sensor_c0de00000001/config', lambda m: m.text == '', since=since)
        heard.wait('sensor/strap$', lambda m: m.json['runner'] == 'bert', since=since)
        heard.wait('runner_bert/config', lambda m: m.text, since=since)
        info = heard.wait('hall/info', since=since).json
        self.assertEqual((info['runners'], info['sensors']), (['bert', 'anna'], ['strap']))
        world.sim.wait_truth('POD', lambda t: not t['linked'], PATIENCE, 'the pod to be let go')
        # the session is anna's still, though she is the second now
        self.assertEqual(world.ask('session', {'do': 'stop', 'runner': 'anna'})['status'], 'ok')
        ended = heard.wait('runner/anna/session', lambda m: m.json['state'] == 'ended', since=since).json
        self.assertEqual(ended['id'], session['id'])

        world.write_config('[Runner bert]\n[HomeAssistant]\nDiscovery=no\n')
        since = heard.mark()
        world.daemon.process.send_signal(signal.SIGHUP)
        heard.wait('sensor/strap$', lambda m: m.text == '', since=since)
        heard.wait('runner/anna/session', lambda m: m.text == '', since=since)
        heard.wait('runner_bert/config', lambda m: m.text == '', since=since)
        kept = {m.topic for m in world.subscribe('strided/#', 'homeassistant/#').all() if m.text}
        self.assertEqual({t for t in kept if not re.search('runner/bert/(week|note|alert/)', t)},
                         {'strided/hall/status', 'strided/hall/info'})
        self.assertEqual(world.daemon.end(signal.SIGTERM), 0)

    def test_options(self):
        for words, status, stream, said in (
                (['--version'], 0, 'stdout', r'^strided \d+\.\d+'), (['--help'], 0, 'stdout', '--check-config'),
                (['--nope'], 2, 'stderr', 'nope'), (['run'], 2, 'stderr', "what is 'run'"),
                (['--scan', '0'], 2, 'stderr', '1 to 300'), (['--scan=x'], 2, 'stderr', '1 to 300'),
                (['--config'], 2, 'stderr', 'config'),
                (['--fit', '../sessions/x'], 1, 'stderr', 'no id of a session'),
                (['--fit', '/etc/passwd'], 1, 'stderr', 'no id of a session')):
            with self.subTest(words):
                done = subprocess.run([find_program('strided', 'STRIDED'), *words], capture_output=True,
                                      text=True, timeout=PATIENCE)
                self.assertEqual(done.returncode, status)
                self.assertRegex(getattr(done, stream), said)


class Radio(BadWorld):
    def test_bad_packets_are_counted_and_the_good_ones_go_on(self):
        world = self.make_world(CONFIG, [POD], clock=20)
        heard = world.subscribe('strided/#')
        world.start()
        heard.wait('runner/anna/live')
        world.sim.ctl('malformed POD 4')
        counted = heard.wait('sensor/pod$', lambda m: m.json['malformed'] == 4).json
        self.assertEqual(counted['state'], 'streaming')
        self.assertEqual(world.ask('sensors')['data']['sensors'][0]['malformed'], 4)
        at = heard.wait('runner/anna/live', since=heard.mark()).json['distance_m']
        heard.wait('runner/anna/live', lambda m: m.json['distance_m'] > at, since=heard.mark())

    def test_an_adapter_that_is_unplugged_switched_off_or_blocked(self):
        world, notify = self.make_world(CONFIG, [POD], clock=10), self.notify()
        heard = world.subscribe('strided/#')
        world.start(env={'NOTIFY_SOCKET': notify.path})
        self.streams(world, heard)
        for how, back, pattern in (('remove', 'add', 'there is no Bluetooth adapter'),
                                   ('off', 'on', "the Bluetooth adapter hci0 is off: 'bluetoothctl power on'")):
            with self.subTest(how):
                since = heard.mark()
                world.sim.ctl('adapter ' + how)
                self.told(world, heard, pattern, notify=notify)
                heard.wait('sensor/pod$', lambda m: m.json['state'] == 'unavailable', since=since)
                since = heard.mark()
                world.sim.ctl('adapter ' + back)
                self.streams(world, heard, since=since)
                heard.wait('hall/health', lambda m: m.json['problems'] == [], since=heard.mark())

    def test_bluetoothd_that_dies_and_comes_back(self):
        world = self.make_world(CONFIG, [POD], clock=10)
        heard = world.subscribe('strided/#')
        world.start()
        self.streams(world, heard)
        world.sim.ctl('kill-name')
        self.told(world, heard, 'bluetoothd is not running')
        since = heard.mark()
        world.sim.ctl('start')
        self.streams(world, heard, since=since)

    def test_the_bus_is_not_there_comes_and_is_started_anew(self):
        world = self.make_world(CONFIG)
        # a bus of its own, which the test starts and stops; the world's stays unused
        bus = Bus()
        self.addCleanup(bus.close)
        heard = world.subscribe('strided/#')
        sock = re.search('unix:path=([^,]+)', bus.address).group(1)
        bus.child.stop()
        world.start(env={'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=' + sock})
        self.told(world, heard, 'there is no system bus', log=False)
        world.daemon.wait_log('No system bus')

        def owner():
            # not 'busctl status', which also reads the owner's process and may not everywhere
            done = subprocess.run(['busctl', '--address=unix:path=' + sock, 'call', 'org.freedesktop.DBus',
                                   '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'NameHasOwner', 's',
                                   'org.strided1'], capture_output=True, text=True, timeout=PATIENCE)
            return done.stdout.strip() == 'b true'

        for _ in range(2):
            since = len(world.daemon.lines)
            if os.path.exists(sock):
                os.remove(sock)
            bus.child.__init__(bus.child.process.args, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            bus.child.read_line(PATIENCE)
            world.daemon.wait_log('The system bus is there', since=since)
            wait_until(owner, PATIENCE, 'the name on the bus', 0.1)
            bus.child.stop()
            world.daemon.wait_log('The system bus is gone', since=since)
        self.assertEqual(world.daemon.end(signal.SIGTERM), 0)

    def scan(self, world, *words):
        env = {k: v for k, v in os.environ.items() if k != 'NOTIFY_SOCKET'}
        return subprocess.run([find_program('strided-sim', 'STRIDED_SIM'), '--config', world.config, '--scan',
                               *words], capture_output=True, text=True, timeout=PATIENCE,
                              env={**env, **world.environment()})

    def test_scan_lists_what_advertises_with_lines_to_paste(self):
        world = self.make_world(CONFIG, [POD, 'strap:Chest belt:C0:DE:00:00:00:0A', 'belt:Mill:C0:DE:00:00:00:0B'],
                           clock=10)
        with world.at_rate(5): # six seconds, also on a busy machine
            done = self.scan(world, '30')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r'(?m)^ADDRESS +NAME +SIGNAL +SERVICES +WHOSE$')
        self.assertRegex(done.stdout, r'(?m)^C0:DE:00:00:00:01 +POD +-\d+ dBm +running_speed_cadence +pod \(anna\)$')
        self.assertRegex(done.stdout, r'(?m)^C0:DE:00:00:00:0A +Chest belt .*heart_rate +-$')
        pasted = done.stdout[done.stdout.index('[Sensor'):]
        self.assertEqual(sorted(re.findall(r'\[Sensor (.*)\]\nAddress=(.*)\nRunner=(.*)', pasted)),
                         [('strap-0a', 'C0:DE:00:00:00:0A', 'anna'), ('treadmill-0b', 'C0:DE:00:00:00:0B', 'auto')])
        world.write_config(CONFIG + pasted)
        checked = subprocess.run([find_program('strided', 'STRIDED'), '--config', world.config, '--check-config'],
                                 capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((checked.returncode, checked.stderr), (0, ''))

    def test_a_scan_under_way_is_answered_when_strided_stops(self):
        world = self.make_world(CONFIG, [POD], clock=5)
        heard = world.subscribe('strided/#')
        world.start()
        heard.wait('hall/sensor/pod', lambda m: m.json['state'] == 'streaming')
        world.publish('strided/hall/request/scan', '{"seconds": 60, "transaction": "s"}')
        self.assertEqual(world.ask('release', {'sensor': 'pod', 'for_s': 1})['status'], 'ok') # it was heard
        world.daemon.process.send_signal(signal.SIGTERM)
        answer = heard.wait('hall/response/scan').json
        self.assertEqual((answer['transaction'], answer['error']['code']), ('s', 'unavailable'))
        self.assertEqual(world.daemon.end(signal.SIGTERM), 0)

    def test_a_request_that_comes_while_strided_stops_is_refused(self):
        world = self.make_world(CONFIG, [POD], clock=5)
        heard = world.subscribe('strided/#')
        world.start()
        heard.wait('hall/sensor/pod', lambda m: m.json['state'] == 'streaming')
        world.set_rate(1) # bluetoothd has its time to answer
        os.kill(world.sim.child.process.pid, signal.SIGSTOP)
        try:
            world.daemon.process.send_signal(signal.SIGTERM)
            world.daemon.wait_log('Stopping')
            world.publish('strided/hall/request/session', '{"do": "start", "transaction": "late"}')
            answer = heard.wait('hall/response/session').json
            self.assertEqual((answer['transaction'], answer['error']['code']), ('late', 'unavailable'))
            self.assertEqual(world.ask('status')['error']['code'], 'unavailable')
        finally:
            os.kill(world.sim.child.process.pid, signal.SIGCONT)
        world.set_rate(5)
        self.assertEqual(world.daemon.end(signal.SIGTERM), 0)

    def test_a_bluetoothd_that_does_not_answer_is_told_and_taken_when_it_does(self):
        world = self.make_world(CONFIG, [POD], clock=10) # a file, which goes on when the simulator stops
        heard = world.subscribe('strided/#')
        hung = 'bluetoothd runs and does not answer: .sudo systemctl restart bluetooth.'
        os.kill(world.sim.child.process.pid, signal.SIGSTOP) # it has its name, and nothing more
        try:
            world.start()
            self.told(world, heard, hung)
            self.assertEqual(len(world.daemon.logged(hung)), 1)
        finally:
            os.kill(world.sim.child.process.pid, signal.SIGCONT)
        heard.wait('hall/sensor/pod', lambda m: m.json['state'] == 'streaming')
        heard.wait('hall/health', lambda m: m.json['problems'] == [], since=heard.mark())

    def scan_at(self, world, path):
        return subprocess.run([find_program('strided', 'STRIDED'), '--config', world.config, '--scan', '2'],
                              env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS='unix:path=' + path),
                              capture_output=True, text=True, timeout=PATIENCE)

    def test_a_bus_that_is_there_and_refuses_is_not_to_be_installed(self):
        world = self.make_world(CONFIG)
        path = os.path.join(world.folder, 'stale')
        with socket.socket(socket.AF_UNIX) as nobody_listens:
            nobody_listens.bind(path)
        done = self.scan_at(world, path)
        self.assertEqual((done.returncode, done.stdout, done.stderr.splitlines()), (1, '', [
            'strided: there is no system bus (Connection refused), so Bluetooth cannot be reached']))

    def test_a_scan_without_a_bus_says_so_once_and_waits_for_nothing(self):
        world = self.make_world(CONFIG)
        began = time.monotonic()
        done = self.scan_at(world, '/nonexistent')
        self.assertLess(time.monotonic() - began, 8)
        self.assertEqual((done.returncode, done.stdout, done.stderr.splitlines()), (1, '', [
            "strided: there is no system bus, so Bluetooth cannot be reached: 'sudo apt install dbus'"]))

    def test_a_scan_that_is_not_possible_says_why(self):
        world = self.make_world(CONFIG, [POD], clock=60)
        world.sim.ctl('adapter remove')
        done = self.scan(world, '2')
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertEqual(done.stderr.splitlines(), [
            "strided: there is no Bluetooth adapter: plug one in; on a Pi, 'dtoverlay=disable-bt' in config.txt "
            'switches its own off'])
        world.sim.ctl('kill-name')
        done = self.scan(world, '2')
        self.assertEqual((done.returncode, done.stdout, done.stderr.splitlines()), (1, '', [
            "strided: bluetoothd is not running: 'sudo systemctl start bluetooth' starts it"]))
        world.sim.ctl('start')
        world.sim.ctl('adapter add')
        world.sim.ctl('vanish POD')
        done = self.scan(world, '2')
        self.assertEqual(done.returncode, 0)
        self.assertIn('Nothing was heard', done.stdout)


class Broker(BadWorld):
    def test_none_is_configured(self):
        world, notify = self.make_world(CONFIG, [POD], clock=20, broker=False), self.notify()
        world.start(env={'NOTIFY_SOCKET': notify.path})
        world.wait_control()
        self.records(world)
        self.assertEqual(world.problems(), ['No broker is configured: set Uri= in [MQTT]'])
        notify.wait('^STATUS=No broker is configured')
        self.assertEqual(world.daemon.end(signal.SIGTERM), 0)

    def test_none_listens_and_one_comes_later(self):
        world, notify = self.make_world(CONFIG, [POD], clock=20), self.notify()
        world.broker.stop()
        world.start(env={'NOTIFY_SOCKET': notify.path})
        world.daemon.wait_log('broker: .*127.0.0.1')
        world.wait_control()
        self.records(world)
        said = wait_until(world.problems, PATIENCE, 'the problem')
        self.assertIn('broker 127.0.0.1', said[0])
        notify.wait('^STATUS=broker 127.0.0.1')
        world.broker.start()
        heard = world.subscribe('strided/#')
        heard.wait('hall/status', lambda m: m.text == 'online')
        heard.wait('runner/anna/session', lambda m: m.json['state'] == 'running')
        heard.wait('runner/anna/event', lambda m: m.json['kind'] == 'session_start')
        heard.wait('hall/health', lambda m: m.json['problems'] == [])

    def locked(self, mqtt, password='secret'):
        """A world whose broker wants user `hall` and the password `secret`."""
        folder = self.make_world(bus=False, broker=False).folder
        users = os.path.join(folder, 'users')
        subprocess.run(['mosquitto_passwd', '-b', '-c', users, 'hall', 'secret'], check=True,
                       capture_output=True, timeout=PATIENCE)
        os.chmod(users, 0o600)
        own = os.path.join(folder, 'password')
        with open(os.open(own, os.O_WRONLY | os.O_CREAT, 0o600), 'w') as f:
            f.write(password + '\n')
        return self.make_world(CONFIG, [POD], clock=10,
                          broker_extra=['allow_anonymous false', 'password_file ' + users],
                          mqtt=[line.replace('PASSWORD', own) for line in mqtt])

    def test_a_login_that_is_refused(self):
        for label, mqtt, password, pattern in (
                ('no login', [], 'secret', 'it refuses us without a login: set Username= and PasswordFile='),
                ('a wrong password', ['Username=hall', 'PasswordFile=PASSWORD'], 'guess',
                 "it refuses the login of user 'hall': check Username= and PasswordFile=")):
            with self.subTest(label):
                world, notify = self.locked(mqtt, password), self.notify()
                world.start(env={'NOTIFY_SOCKET': notify.path})
                world.daemon.wait_log(pattern)
                world.wait_control()
                self.assertIn(pattern, ' '.join(world.problems()))
                notify.wait('^STATUS=.*' + pattern)
                self.records(world)
                self.assertEqual(world.daemon.end(signal.SIGTERM), 0)
                self.assertEqual([l for l in world.daemon.lines if l and 'guess' in l], [])

    def test_the_longest_sentence_of_the_link_is_told_whole(self):
        world, notify = self.make_world(CONFIG, [POD], clock=10), self.notify()
        world.write_config(mqtt=['Uri=mqtts://localhost:%d' % world.broker.port])  # it speaks no TLS
        world.start(env={'NOTIFY_SOCKET': notify.path})
        sentence = world.daemon.wait_log('broker: (broker localhost:.* no TLS link .*)$').group(1)
        world.wait_control()
        self.assertEqual(wait_until(world.problems, PATIENCE, 'the problem'), [sentence])
        notify.wait('^STATUS=%s$' % re.escape(sentence))

    def test_a_right_password_is_taken(self):
        world = self.locked(['Username=hall', 'PasswordFile=PASSWORD'])
        world.start()
        world.daemon.wait_log('broker: connected')

    def test_a_password_file_that_is_not_there_is_a_mistake_of_the_configuration(self):
        world = self.make_world(CONFIG, bus=False, mqtt=['Username=hall', 'PasswordFile=/nowhere/password'])
        world.start()
        world.daemon.wait_log(r'strided\.conf:\d+: PasswordFile=/nowhere/password cannot be used: No such file')
        self.assertEqual(world.daemon.wait_end(), 78)


class Disk(BadWorld):
    def goes_on(self, world, heard):
        """What needs no disk still works: live values, commands, a clean end."""
        heard.wait('runner/anna/live', since=heard.mark())
        self.assertEqual(world.ask('session', {'do': 'stop', 'runner': 'anna'})['status'], 'ok')
        heard.wait('runner/anna/session', lambda m: m.json['state'] == 'ended')
        self.assertEqual(world.daemon.end(signal.SIGTERM), 0)

    def start(self, prepare=lambda world: None, **options):
        world = self.make_world(CONFIG, [POD], clock=20)
        heard = world.subscribe('strided/#')
        prepare(world)
        notify = self.notify()
        world.start(env={'NOTIFY_SOCKET': notify.path}, **options)
        return world, heard, notify

    def test_the_state_folder_is_a_file(self):
        def prepare(world):
            open(world.state, 'w').close()
        world, heard, notify = self.start(prepare)
        heard.wait('runner/anna/live')
        self.told(world, heard, 'Recordings cannot be written', log=False)
        world.daemon.wait_log('Cannot write recording')
        self.told(world, heard, 'database .* cannot be written', log=False, notify=notify)
        world.daemon.wait_log('Cannot write .*/strided.db: Not a directory')
        self.goes_on(world, heard)

    def test_a_state_folder_that_may_not_be_written(self):
        if os.geteuid() == 0:
            self.skipTest('skipped: root may write everywhere')
        world, heard, notify = self.start(lambda w: os.mkdir(w.state, 0o500))
        heard.wait('runner/anna/live')
        self.told(world, heard, 'Recordings cannot be written .Permission denied', log=False)
        self.told(world, heard, 'database .* cannot be written', log=False, notify=notify)
        self.goes_on(world, heard)

    def database(self, world):
        os.makedirs(world.state, exist_ok=True)
        return os.path.join(world.state, 'strided.db')

    def test_a_damaged_database_is_set_aside(self):
        def prepare(world):
            with open(self.database(world), 'wb') as f:
                f.write(b'SQLite format 3\0' + b'\xa5' * 20000)
        world, heard, notify = self.start(prepare)
        self.told(world, heard, 'database was damaged: set aside as strided.db.damaged-', log=False, notify=notify)
        world.daemon.wait_log('was damaged: set aside')
        aside = glob.glob(os.path.join(world.state, 'strided.db.damaged-*'))
        self.assertEqual(os.path.getsize(aside[0]), 20016)
        self.goes_on(world, heard)

    def test_a_newer_database_is_left_alone(self):
        def prepare(world):
            db = sqlite3.connect(self.database(world))
            db.executescript('CREATE TABLE later (x); PRAGMA user_version = 4711;')
            db.close()
        world, heard, notify = self.start(prepare)
        self.told(world, heard, "is a newer strided's .version 4711", notify=notify)
        heard.wait('runner/anna/live')
        world.daemon.wait_log("Event .*-start is not stored: The database .* is a newer strided's .version 4711")
        self.assertEqual(world.daemon.logged('Read-only file system'), [])
        self.goes_on(world, heard)
        db = sqlite3.connect(self.database(world))
        self.assertEqual(db.execute('PRAGMA user_version').fetchone()[0], 4711)
        self.assertEqual([r[0] for r in db.execute('SELECT name FROM sqlite_master')], ['later'])
        db.close()

    def test_a_folder_in_the_databases_place(self):
        world, heard, notify = self.start(lambda w: os.makedirs(self.database(w)))
        self.told(world, heard, 'database', notify=notify)
        heard.wait('runner/anna/live')
        self.goes_on(world, heard)

    def test_a_disk_that_is_full_and_is_freed(self):
        trial = subprocess.run(['unshare', '-m', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt'],
                               capture_output=True, timeout=PATIENCE)
        if trial.returncode != 0:
            self.skipTest('skipped: no right to mount a small disk')
        world = self.make_world(CONFIG, [POD], clock=10) # three seconds are no hiccup
        heard, notify = world.subscribe('strided/#'), self.notify()
        os.mkdir(world.state)
        # a disk that only the daemon sees, and that goes with it
        world.start(env={'NOTIFY_SOCKET': notify.path}, prefix=[
            'unshare', '-m', '--propagation', 'private', 'sh', '-c',
            'mount -t tmpfs -o size=512k tmpfs "$0" && exec "$@"', world.state])
        heard.wait('runner/anna/live')
        inside = '/proc/%d/root%s' % (world.daemon.process.pid, world.state)
        filler = os.path.join(inside, 'filler')
        with open(filler, 'wb', buffering=0) as f, contextlib.suppress(OSError):
            while True:
                f.write(b'x' * 512)
        self.told(world, heard, 'Recordings cannot be written .No space left on device', log=False)
        notify.wait('^STATUS=.* cannot be written .No space left on device')
        world.daemon.wait_log('Cannot write recording .*No space left on device')
        os.remove(filler)
        heard.wait('hall/health', lambda m: m.json['problems'] == [], since=heard.mark())
        session = heard.wait('runner/anna/session').json['id']
        recording = glob.glob(os.path.join(inside, 'sessions', session + '*'))[0]

        def whole():
            with open(recording) as f:
                packets = [int(l.split()[1]) for l in f if l.startswith('N ')]
            sent = world.sim.truth('POD')['sent']
            return packets if packets and len(packets) >= max(sent.values()) - 45 else None
        packets = wait_until(whole, PATIENCE, 'the lines that waited')
        gaps = [b - a for a, b in zip(packets, packets[1:])]
        self.assertLess(max(gaps), 3000000)
        self.goes_on(world, heard)


class Service(BadWorld):
    def test_systemd_hears_ready_status_watchdog_and_stopping(self):
        world, notify = self.make_world(CONFIG), self.notify()
        world.start(env={'NOTIFY_SOCKET': notify.path, 'WATCHDOG_USEC': '500000'})
        notify.wait('^READY=1$')
        notify.wait('^STATUS=')
        for _ in range(3):
            notify.wait('^WATCHDOG=1$', since=len(notify.lines))
        since = len(notify.lines)
        world.daemon.process.send_signal(signal.SIGHUP)
        notify.wait('^RELOADING=1$', since=since)
        notify.wait('^READY=1$', since=since)
        self.assertEqual(world.daemon.end(signal.SIGTERM), 0)
        notify.wait('^STOPPING=1$', since=since)

    def test_a_stop_in_the_first_moment_is_a_clean_one(self):
        world = self.make_world(CONFIG)
        # a sanitizer wants to stand before what is preloaded, and need not here
        options = [os.environ.get('ASAN_OPTIONS', ''), 'verify_asan_link_order=0']
        world.start(env={'LD_PRELOAD': find_program('early_term', 'STRIDED_EARLY_TERM'),
                         'ASAN_OPTIONS': ':'.join(filter(None, options))})
        world.daemon.wait_log('Stopping')
        self.assertEqual(world.daemon.process.wait(PATIENCE), 0)

    def test_who_waits_for_the_disk_when_it_stops_is_answered_or_let_go(self):
        world = self.make_world(CONFIG)
        slow = SlowWorld(world.folder, str(world.state))
        options = [os.environ.get('ASAN_OPTIONS', ''), 'verify_asan_link_order=0']
        world.start(env={**slow.environment(), 'ASAN_OPTIONS': ':'.join(filter(None, options))})
        world.wait_control()
        slow.order(sync_ms=1000)
        argv = [find_program('stridectl', 'STRIDECTL')]
        asked = [subprocess.Popen(argv + words.split(), env={**os.environ, **world.environment()}, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT) for words in ('backup', 'snooze 1', 'acknowledge', 'alerts')]
        wait_until(lambda: glob.glob(os.path.join(world.state, 'backups', '.*')), PATIENCE, 'a copy that is under way')
        self.assertEqual(world.daemon.end(signal.SIGTERM), 0)
        for one in asked:
            one.communicate(timeout=PATIENCE)
            self.assertIn(one.returncode, (0, 1, 3))

    def test_it_runs_without_systemd(self):
        world = self.make_world(CONFIG)
        world.start()
        world.daemon.wait_log('^info: strided .* is ready')
        world.wait_control()
        self.assertEqual(world.daemon.end(signal.SIGINT), 0)

    def test_any_user_may_run_it(self):
        if os.geteuid() != 0:
            self.skipTest('skipped: not root, so every other test runs as an ordinary user already')
        prefix = ['setpriv', '--reuid=%d' % NOBODY, '--regid=%d' % NOBODY, '--clear-groups', '--']
        program = find_program('strided', 'STRIDED')
        if subprocess.run(prefix + ['test', '-x', program], timeout=PATIENCE).returncode != 0:
            self.skipTest('skipped: %s is not for all users' % program)
        world = self.make_world(CONFIG, bus=False)
        os.chmod(world.folder, 0o711)
        os.mkdir(world.state)
        os.chown(world.state, NOBODY, NOBODY)
        heard = world.subscribe('strided/#')
        world.start(prefix=prefix)
        heard.wait('hall/status', lambda m: m.text == 'online')
        self.told(world, heard, 'there is no system bus', log=False)
        self.assertEqual(world.daemon.end(signal.SIGTERM), 0)
        self.assertEqual(os.stat(os.path.join(world.state, 'strided.db')).st_uid, NOBODY)


if __name__ == '__main__':
    run_tests()
