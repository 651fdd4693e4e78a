#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""stridectl doctor and what a gateway lives with: its disk, the import folder, brokers of every kind, other gateways;
and once all of it as it should be, with a real strided, bluetoothd's simulator and a real Mosquitto."""
import contextlib
import datetime
import fcntl
import json
import os
import pty
import re
import signal
import socket
import sqlite3
import ssl
import struct
import subprocess
import termios
import threading
import time

from harness import Mosquitto, find_program, free_port, wait_until
from services import SYSTEMD, Machine, Scanner
from patient import HEALTH, PASSWORD, ROOT_OR_SKIP, SEEN, Patient, check_that_all_were_seen
from test_tls import Certificates
from world import PATIENCE, POD, Case, run_tests, sensor

NOBODY = 65534


class Folder(Patient):
    """The state folder."""

    def fill(self):
        """As strided leaves it when it stops; gives the database's path."""
        daemon = subprocess.Popen([find_program('strided', 'STRIDED'), '--config', self.config, '--state-dir', self.state],
                                  env={**os.environ, 'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=%s/none' % self.folder},
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        with daemon.stderr:
            for line in daemon.stderr:
                if ' is ready' in line:
                    break
            daemon.send_signal(signal.SIGTERM)
            daemon.stderr.read()
        self.assertEqual(daemon.wait(PATIENCE), 0)
        return str(self.state / 'strided.db')

    def listing(self):
        """All there is in the state folder, with its times of change."""
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_ctime_ns) for path in self.state.rglob('*')}

    def test_a_folder_that_is_not_there(self):
        self.state.rmdir()
        self.expect('disk-skipped', 'strided makes it at its first start')

    def test_as_strided_leaves_it(self):
        found = self.doctor()
        self.assertIn('database-skipped', found)
        self.assertIn('recordings-skipped', found)
        self.fill()
        before = self.listing()
        found = self.expect('disk-room', 'GB free')
        self.assertRegex(found['database-sound'][0], r'sound, version \d+, 0 sessions, 0 events')
        self.assertRegex(found['recordings-there'][0], '0 sessions')
        self.assertEqual(self.listing(), before, 'nothing is changed')

    def test_what_a_kill_leaves(self):
        """With the log and the index of somebody who has it open: their rows count, and nothing is left behind."""
        path = self.fill()
        with sqlite3.connect(path) as db:
            db.execute("INSERT INTO origin VALUES (1)")
            db.commit()
            self.assertTrue(os.path.getsize(path + '-wal'))
            self.expect('database-sound')
        db.close()

    def test_damage(self):
        path = self.fill()
        with open(path, 'r+b') as f:
            f.seek(4096)
            f.write(b'\xa5' * 4096)
        self.expect('database-broken', 'Restart strided')
        (self.state / 'strided.db').write_text('this is no database at all, and never was one' * 10)
        self.expect('database-broken', 'not a database')
        os.rename(path, path + '.damaged-20261122T100000Z')
        found = self.expect('database-aside', 'strided.db.damaged-20261122T100000Z')
        self.assertIn('database-skipped', found)

    def test_a_newer_one(self):
        path = self.fill()
        with sqlite3.connect(path) as db:
            db.execute('PRAGMA user_version = 999')
        db.close()
        self.expect('database-newer', 'its version is 999')

    def test_a_database_that_is_a_folder(self):
        (self.state / 'strided.db').mkdir()
        found = self.doctor()
        self.assertTrue('database-skipped' in found or 'database-broken' in found)

    def test_what_was_set_aside_of_recordings(self):
        self.fill()
        (self.state / 'sessions').mkdir(exist_ok=True)
        (self.state / 'sessions/20261122T100000Z-0.rec').write_text('x')
        (self.state / 'sessions/20261122T100000Z-0.rec.other').write_text('x')
        found = self.expect('recordings-other', '1 files')
        self.assertRegex(found['recordings-there'][0], '1 sessions')

    def test_rights(self):
        self.fill()
        self.state.chmod(0o755)
        self.expect('disk-open', 'chmod 0700')

    def test_a_database_that_is_not_to_be_written(self):
        path = self.fill()
        os.chmod(path, 0o440)
        self.expect('database-owner', 'strided.db is not user')

    @ROOT_OR_SKIP
    def test_what_others_left_beside_the_database(self):
        path = self.fill()
        open(path + '-wal', 'w').close()
        os.chown(path + '-wal', NOBODY, NOBODY)
        self.expect('database-owner', "strided.db-wal is not user")

    @ROOT_OR_SKIP
    def test_owners(self):
        self.fill()
        (self.state / 'sessions').mkdir(exist_ok=True)
        self.user = 'nobody'
        found = self.expect('disk-owner', "not user nobody's.*chown -R nobody: /")
        self.assertIn('database-owner', found)
        self.assertIn('recordings-owner', found)

    @ROOT_OR_SKIP
    def test_the_owner_is_who_the_unit_runs_as(self):
        self.fill()
        self.user = '-'
        self.start_machine().service['User'] = ('s', 'nobody')
        self.expect('disk-owner', "not user nobody's.*chown -R nobody: /")
        self.machine.service['User'] = ('s', 'root')
        found = self.doctor()
        self.assertFalse([line for line in found if line.endswith('-owner')], found)


class Import(Patient):
    """The import folder."""

    def setUp(self):
        super().setUp()
        self.inbox = self.folder / 'inbox'
        self.start_machine()

    def use(self, after='keep', folder=None):
        self.configure('[Import]', 'Folder=%s' % (folder or self.inbox), 'After=' + after, '[Runner anna]')

    def test_a_folder_that_is_fit(self):
        self.expect('import-skipped', 'no Folder=')
        self.use()
        self.expect('import-none', 'mkdir -p')
        (self.inbox / 'anna').mkdir(parents=True)
        for name in ('done', 'routes', 'lost+found', '@eaDir', '__MACOSX', '.stfolder'): # strided passes them over, too
            (self.inbox / name).mkdir()
        self.expect('import-ready', 'may read')
        (self.inbox / 'bob').mkdir()
        self.expect('import-stray', "bob is no runner's")

    def test_folders_below_a_runners(self):
        self.use()
        (self.inbox / 'anna' / 'export' / 'activities').mkdir(parents=True)
        (self.inbox / 'anna' / 'routes' / 'a' / 'b').mkdir(parents=True)
        self.expect('import-ready', 'may read')
        (self.inbox / 'anna' / 'export' / 'activities' / '2024').mkdir()
        self.expect('import-deep', 'anna/export/activities/2024 lies too deep.*Move its files up')

    @ROOT_OR_SKIP
    def test_a_folder_below_that_the_service_may_not_read(self):
        self.user = 'nobody'
        self.use()
        (self.inbox / 'anna' / 'activities').mkdir(parents=True)
        for path in (self.inbox / 'anna' / 'activities').parents:
            if self.folder.parent in (path, *path.parents):
                path.chmod(0o755)
        self.expect('import-ready', 'may read')
        (self.inbox / 'anna' / 'activities').chmod(0o700)
        self.expect('import-closed', 'activities')

    def test_the_sandbox(self):
        self.use('move')
        (self.inbox / 'anna').mkdir(parents=True)
        self.expect('import-sandbox', 'ReadWritePaths=%s' % self.inbox)
        self.machine.service['ReadWritePaths'] = ('as', ['-%s' % self.folder])
        self.expect('import-ready', 'write there')
        self.use(folder='/home/pi/Sync')
        found = self.expect('import-hidden', 'by ProtectHome= .*import-from')
        self.assertIn('import-none', found)
        self.machine.service['PrivateTmp'] = ('b', True)
        self.use(folder='/tmp')
        self.expect('import-hidden', 'by PrivateTmp=')

    def test_a_user_who_is_nobody_here(self):
        self.user = 'no-such-user'
        self.use()
        self.inbox.mkdir()
        self.expect('import-skipped', 'no user no-such-user')

    @ROOT_OR_SKIP
    def test_rights_of_the_services_user(self):
        self.user = 'nobody'
        self.use()
        (self.inbox / 'anna').mkdir(parents=True)
        self.expect('import-closed', 'may not enter %s' % self.bus.folder)
        self.open_way()
        self.inbox.chmod(0o711)
        self.expect('import-closed', 'may not read %s.*setfacl -m u:nobody:rx' % self.inbox)
        self.inbox.chmod(0o755)
        self.expect('import-ready')
        (self.inbox / 'anna').chmod(0o700)
        self.expect('import-closed', 'may not read %s/anna' % self.inbox)
        (self.inbox / 'anna').chmod(0o755)
        self.use('move')
        self.machine.service['ReadWritePaths'] = ('as', [str(self.inbox)])
        self.expect('import-read-only', 'may not write there')
        # what is bound in has its own rights, whatever the way to it
        source = self.folder / 'home/sync'
        source.mkdir(parents=True)
        (self.folder / 'home').chmod(0o700)
        os.chown(source, NOBODY, NOBODY)
        os.chown(self.inbox, NOBODY, NOBODY)
        self.machine.service['BindPaths'] = ('a(ssbt)', [[str(source), '%s/anna' % self.inbox, False, 0]])
        self.expect('import-ready')
        source.chmod(0o000)
        self.expect('import-closed', 'may not read %s' % source)


class Broker(Patient):
    """Brokers, by what is wrong with them."""

    def use(self, broker, *lines):
        self.configure('[MQTT]', 'Uri=%s' % (broker if isinstance(broker, str) else broker.uri), *lines)

    def mosquitto(self, *extra):
        broker = Mosquitto(extra)
        self.addCleanup(broker.close)
        return broker

    def publish(self, broker, topic, payload):
        """To stay there."""
        subprocess.run(['mosquitto_pub', '-p', str(broker.port), '-r', '-q', '1', '-t', topic, '-m', payload], check=True,
                       timeout=PATIENCE)

    def login(self):
        """The configuration of one, and the broker's."""
        users, password = self.folder / 'users', self.folder / 'password'
        password.write_text(PASSWORD + '\n')
        password.chmod(0o600)
        subprocess.run(['mosquitto_passwd', '-b', '-c', users, 'hall', PASSWORD], check=True, capture_output=True,
                       timeout=PATIENCE)
        return (('Username=hall', 'PasswordFile=%s' % password), ('allow_anonymous false', 'password_file %s' % users))

    def test_none(self):
        found = self.expect('broker-unset', 'Uri=')
        for line in ('tls-skipped', 'login-skipped', 'topics-skipped', 'homeassistant-skipped', 'name-skipped'):
            self.assertIn(line, found)
        self.config.write_text('[MQTT]\nUri=x\n')
        self.expect('broker-skipped', 'Uri= is wrong')

    def test_one_that_is_not_reached(self):
        self.use('mqtt://no-such-host.invalid')
        found = self.expect('broker-name', 'no-such-host.invalid is not known')
        self.assertRegex(found['login-skipped'][0], 'not reached')
        port = free_port()
        self.use('mqtt://127.0.0.1:%d' % port)
        self.expect('broker-refused', 'nobody listens on port %d.*listener %d' % (port, port))

    def test_one_that_takes_no_more_connections(self):
        """Its queue is full, as behind a firewall that drops all."""
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            listener.listen(0)
            full = []
            for _ in range(4):
                one = socket.socket()
                one.setblocking(False)
                one.connect_ex(listener.getsockname())
                full.append(one)
            self.use('mqtt://127.0.0.1:%d' % listener.getsockname()[1])
            self.expect('broker-away', 'Connection timed out')
            for one in full:
                one.close()

    def test_one_that_says_nothing(self):
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            listener.listen(8)
            self.use('mqtt://127.0.0.1:%d' % listener.getsockname()[1])
            found = self.expect('login-failed', 'is it a broker')
        self.assertIn('broker-listens', found)
        self.assertRegex(found['topics-skipped'][0], 'does not let us in')

    def test_what_hangs_is_left_behind(self):
        """A look-up that takes for ever, and a disk and a share that do not answer."""
        self.use('mqtt://127.0.0.1:%d' % free_port(), '[Import]', 'Folder=%s' % self.folder)
        probe = subprocess.Popen([find_program('doctor_probe', 'STRIDED_DOCTOR_PROBE'), str(self.root), self.user, '0',
                                  str(self.state), 'config=%s' % self.config],
                                 env={**os.environ, **self.bus.environment(), 'LD_PRELOAD': os.environ['STRIDED_HANGING'],
                                      # a sanitizer wants to stand before what is preloaded, and need not here
                                      'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0'},
                                 stdout=subprocess.PIPE, text=True)
        begun = time.monotonic()
        out, _ = probe.communicate(timeout=PATIENCE)
        self.assertLess(time.monotonic() - begun, 20)
        lines = {line['line']: line['found'] for line in json.loads(out)['lines']}
        SEEN.update(lines)
        for line in ('broker-stuck', 'disk-stuck', 'import-stuck'):
            self.assertRegex(lines[line], 'does not answer within')
        self.assertIn('tls-skipped', lines)
        self.assertIn('clock-assumed', lines, 'the others are looked at all the same')

    def test_a_name_that_is_found_slowly(self):
        """It is looked up twice, and the second time is not the broker's silence."""
        broker = self.mosquitto()
        self.use('mqtt://localhost:%d' % broker.port)
        env = {'LD_PRELOAD': os.environ['STRIDED_HANGING'], 'SLOW_NAMES_MS': '4100',
               'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0'}
        found = self.doctor(env=env)
        self.assertNotIn('login-failed', found)
        # on a machine that is slow besides, nine seconds are over before
        self.assertTrue('login-taken' in found or 'broker-stuck' in found, found)

    def test_logins(self):
        ours, theirs = self.login()
        broker = self.mosquitto(*theirs)
        self.use(broker)
        self.expect('login-refused', 'without a login')
        self.use(broker, *ours)
        found = self.expect('login-taken', "MQTT 5, as user 'hall'")
        self.assertRegex(found['tls-skipped'][0], 'without TLS')
        self.use(broker, 'Version=3.1.1', *ours)
        self.expect('login-taken', 'MQTT 3.1.1')
        (self.folder / 'password').write_text('another\n')
        self.expect('login-refused', "user 'hall'")

    def test_an_old_broker(self):
        """It answers a CONNECT of version 5 as those did that knew no such thing."""
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            listener.listen(8)
            listener.settimeout(PATIENCE)
            self.use('mqtt://127.0.0.1:%d' % listener.getsockname()[1])
            def answer(code):
                for _ in range(2): # the first only tries the port
                    one, _ = listener.accept()
                    with one:
                        if one.recv(1000):
                            one.sendall(bytes((0x20, 2, 0, code)))
                            one.recv(1000)
            for code, line, pattern in ((1, 'login-version', 'Version=3.1.1'), (3, 'login-failed', 'not available now')):
                thread = threading.Thread(target=answer, args=(code,))
                thread.start()
                self.expect(line, pattern)
                thread.join(PATIENCE)

    def test_a_broker_that_tells_of_nothing_in_time(self):
        """It lets us in, and answers nothing more: that is no want of rights."""
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            listener.listen(8)
            listener.settimeout(PATIENCE)
            self.use('mqtt://127.0.0.1:%d' % listener.getsockname()[1])
            self.strided_says()
            def answer():
                for _ in range(2): # the first only tries the port
                    one, _ = listener.accept()
                    with one:
                        if one.recv(1000):
                            one.sendall(bytes((0x20, 3, 0, 0, 0)))
                            while one.recv(1000):
                                pass
            thread = threading.Thread(target=answer)
            thread.start()
            found = self.expect('login-taken', 'MQTT 5')
            thread.join(PATIENCE)
        for line in ('topics-skipped', 'homeassistant-skipped', 'name-skipped'):
            self.assertRegex(found.get(line, [''])[0], 'did not say in time', found)
        self.assertNotIn('topics-closed', found)

    def test_a_broker_that_never_ends_telling(self):
        """More than a pipe holds, and on and on: nobody waits for who waits for us."""
        self.never_ends_telling(lambda one: one.recv(1000))

    def test_a_broker_that_tells_before_it_is_asked(self):
        """As soon as we are in, and more than a pipe holds: what we ask then is asked while we read."""
        self.never_ends_telling(lambda one: None)

    def never_ends_telling(self, wait):
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            listener.listen(8)
            listener.settimeout(PATIENCE)
            self.use('mqtt://127.0.0.1:%d' % listener.getsockname()[1])
            topic = b'homeassistant/status'
            body = bytes((0, len(topic))) + topic + b'\0' + b'x' * 8000
            retained = bytes((0x31, len(body) & 0x7f | 0x80, len(body) >> 7)) + body
            def answer():
                for _ in range(2): # the first only tries the port
                    one, _ = listener.accept()
                    with one, contextlib.suppress(OSError):
                        if one.recv(1000):
                            one.sendall(bytes((0x20, 3, 0, 0, 0)))
                            wait(one)
                            while True:
                                one.sendall(retained)
            thread = threading.Thread(target=answer)
            thread.start()
            found = self.expect('login-taken', 'MQTT 5')
            thread.join(PATIENCE)
        self.assertNotIn('broker-stuck', found)
        self.assertRegex(found['topics-skipped'][0], 'did not say in time', found)

    def test_one_that_hangs_up_behind_the_handshake(self):
        """Maybe for our Version=, and not for want of a certificate."""
        files = Certificates(self.folder)
        files.sign('right', 'right')
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files['right.crt'], files['right.key'])
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            listener.listen(8)
            listener.settimeout(PATIENCE)
            self.use('mqtts://localhost:%d' % listener.getsockname()[1], 'CaFile=' + files['ca.crt'])
            def hang_up():
                for _ in range(2): # the first only tries the port
                    one, _ = listener.accept()
                    with one, contextlib.suppress(OSError), context.wrap_socket(one, server_side=True) as safe:
                        safe.recv(1000)
            thread = threading.Thread(target=hang_up)
            thread.start()
            self.expect('tls-ours', 'does not speak this Version=.* or, if it wants none, try another Version=')
            thread.join(PATIENCE)

    # ---- what lies there ----

    def test_our_topics(self):
        broker = self.mosquitto()
        self.use(broker)
        found = self.expect('topics-skipped', 'nothing lies at strided/hall/status')
        self.assertRegex(found['name-skipped'][0], "nobody has spoken as 'hall'")
        self.publish(broker, 'strided/hall/status', 'offline')
        self.expect('topics-readable', "strided/hall/status is 'offline'")

    def test_rights_at_the_broker(self):
        acl = self.folder / 'acl'
        acl.write_text('topic read elsewhere/#\n')
        acl.chmod(0o600)
        broker = self.mosquitto('acl_file %s' % acl)
        self.use(broker)
        self.strided_says()
        found = self.expect('topics-closed', r'strided is linked.*strided/hall/#')
        self.assertIn('homeassistant/device/+/config', found['homeassistant-untold'][0])

    def test_home_assistant(self):
        broker = self.mosquitto()
        self.use(broker)
        self.expect('homeassistant-skipped', '0 devices are announced; whether somebody listens')
        # as it is unless somebody sets it to be retained: strided heard it, or did not
        away = {**HEALTH, 'problems': ['broker lost']} # of what was announced nothing lies here
        self.strided_says(health=away, home_assistant=None)
        self.expect('homeassistant-skipped', '0 devices are announced; nothing was heard of it since')
        self.strided_says(health=away, home_assistant={'said': 'online', 'at': '2026-11-22T10:00:00Z', 'age_s': 60})
        self.expect('homeassistant-seen', "it said 'online' at 2026-11-22T10:00:00Z")
        self.strided_says(health=away, home_assistant={'said': 'offline', 'at': None, 'age_s': 185})
        self.expect('homeassistant-offline', "it said 'offline' 3 minutes ago")
        # what lies there is of now
        self.publish(broker, 'homeassistant/status', 'online')
        self.expect('homeassistant-seen', "homeassistant/status is 'online'")
        self.strided_says(health=away, home_assistant={'said': 'online', 'at': None, 'age_s': 185})
        self.publish(broker, 'homeassistant/status', 'offline')
        self.expect('homeassistant-offline', "'offline'")
        self.publish(broker, 'homeassistant/status', 'online')
        self.expect('homeassistant-seen', "'online'")
        self.use(broker, '[HomeAssistant]', 'Discovery=no')
        self.expect('homeassistant-skipped', 'Discovery=no')

    def test_two_gateways_with_one_name(self):
        broker = self.mosquitto()
        self.use(broker)
        other = json.dumps({'version': '0.1.0', 'runners': [], 'sensors': ['sensor-%d' % i for i in range(256)],
                            'machine': 'a' * 32})
        self.publish(broker, 'strided/hall/info', other)
        self.publish(broker, 'strided/hall/status', 'offline')
        self.expect('name-before', "machine aaaaaaaa used 'hall' before")
        self.publish(broker, 'strided/hall/status', 'online')
        self.expect('name-other', "machine aaaaaaaa is online as 'hall'.*another Name=")

    # ---- certificates ----

    def test_certificates(self):
        files = Certificates(self.folder)
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=5, hours=12)
        ports = {}
        extra = []
        for name, options in (('right', {}), ('wanting', {}), ('other', {'alt': 'DNS:other.example'}),
                              ('expired', {'dates': ('20200101000000Z', '20200102000000Z')}),
                              ('ending', {'dates': ('20200101000000Z', soon.strftime('%Y%m%d%H%M%SZ'))}),
                              ('early', {'dates': ('20480101000000Z', '20490101000000Z')}), ('stranger', {'ca': 'stranger-ca'}),
                              ('unsound', {'ca': 'right'}), ('ours', {})):
            files.sign(name, name, **options)
            if name != 'ours':
                ports[name] = free_port()
        for name in sorted(ports, key=lambda one: one == 'wanting'):
            extra += ['listener %d 127.0.0.1' % ports[name], 'certfile ' + files[name + '.crt'], 'keyfile ' + files[name + '.key']]
        extra += ['cafile ' + files['ca.crt'], 'require_certificate true']
        broker = self.mosquitto(*extra)
        for name, line, pattern in (
                ('right', 'tls-sound', r'its certificate is good, for \d{4} more days'),
                ('ending', 'tls-soon', 'expires in 5 days'), ('other', 'tls-name', 'localhost'),
                ('expired', 'tls-expired', 'has expired'), ('early', 'tls-early', 'not valid yet'),
                ('stranger', 'tls-issuer', 'CaFile='), ('wanting', 'tls-ours', 'ClientCert=')):
            with self.subTest(name):
                self.use('mqtts://localhost:%d' % ports[name], 'CaFile=' + files['ca.crt'])
                found = self.expect(line, pattern)
                self.assertIn('login-taken' if name in ('right', 'ending') else 'login-skipped', found)
        with self.subTest('with ours'):
            os.chmod(files['ours.key'], 0o600)
            self.use('mqtts://localhost:%d' % ports['wanting'], 'CaFile=' + files['ca.crt'],
                     'ClientCert=' + files['ours.crt'], 'ClientKey=' + files['ours.key'])
            self.assertIn('login-taken', self.expect('tls-sound'))
        with self.subTest('without TLS'):
            self.use('mqtts://localhost:%d' % broker.port, 'CaFile=' + files['ca.crt'])
            self.expect('tls-none', 'mqtt:// in Uri=')
        with self.subTest('signed by one that is no CA'):
            with open(files['both.crt'], 'w') as f:
                f.write(open(files['right.crt']).read() + open(files['ca.crt']).read())
            self.use('mqtts://localhost:%d' % ports['unsound'], 'CaFile=' + files['both.crt'])
            self.expect('tls-unsound', 'not to be trusted')


class Real(Case):
    """With the programs themselves."""

    def stridectl(self, *words):
        done = subprocess.run([find_program('stridectl', 'STRIDECTL'), *words, 'doctor', 'config=' + self.world.config,
                               'state=%s' % self.world.state], env={**os.environ, **self.world.environment()},
                              capture_output=True, text=True, timeout=PATIENCE)
        return done.returncode, done.stdout

    def lines(self):
        def look():
            """None: the machine is so busy that all the time was up."""
            found = {line['line']: line['found'] for line in json.loads(self.stridectl('--json')[1])['lines']}
            return None if 'broker-stuck' in found else found
        found = wait_until(look, PATIENCE, 'a look that was not cut off')
        SEEN.update(found)
        return found

    def test_a_gateway_that_is_well(self):
        world = self.make_world('[Runner anna]\n' + sensor('pod', POD), ['pod:POD:%s:awake' % POD])
        world.start_ready()
        world.wait_sensor('pod', 'streaming')
        found = wait_until(lambda: (lambda lines: lines if 'name-ours' in lines else None)(self.lines()), PATIENCE,
                           'strided at the broker')
        for line in ('config-sound', 'bus-there', 'daemon-answers', 'adapter-powered', 'sensor-well', 'links-hold',
                     'disk-room', 'database-sound', 'recordings-there', 'broker-listens', 'login-taken', 'topics-readable'):
            self.assertIn(line, found)
        self.assertIn('streaming', found['sensor-well'])
        self.assertIn('online', found['topics-readable'])
        world.listen()
        before = len(world.listener.all())
        status, text = self.stridectl()
        self.assertEqual(status, 0, text)
        self.assertNotIn('\033', text, 'this is no terminal')
        rows = text.split('\n\n')[0].splitlines()
        self.assertTrue(all(row.split()[0] in ('ok', 'warn', 'skipped') for row in rows), text)
        self.assertRegex(text, r'\n0 fail, \d+ warn, \d+ ok, \d+ skipped\n$')
        world.listener.catch_up()
        self.assertEqual([m for m in world.listener.all()[before:] if 'doctor' in m.topic], [])
        # killed, it has said nothing, and what it leaves is as good
        world.stop(signal.SIGKILL)
        found = self.lines()
        self.assertIn('database-sound', found)
        self.assertIn('offline', found['topics-readable'])
        self.assertIn('sensor-held', found, 'its link is left')
        # who speaks under its name and id now is another
        machine = Machine(world.bus, (SYSTEMD,))
        self.addCleanup(machine.close)
        machine.unit['ActiveState'] = ('s', 'inactive')
        world.publish('strided/hall/status', 'online', '-r')
        self.assertIn('strided does not run', self.lines()['name-twin'])

    def test_home_assistant_by_its_birth_alone(self):
        world = self.make_world('[Runner anna]\n')
        world.start_ready()
        wait_until(lambda: 'topics-readable' in self.lines(), PATIENCE, 'strided at the broker')
        self.assertIn('nothing was heard of it since strided', self.lines()['homeassistant-skipped'])
        for word, line in (('online', 'homeassistant-seen'), ('offline', 'homeassistant-offline')):
            world.publish('homeassistant/status', word) # once, and nothing is left of it
            found = wait_until(lambda: self.lines().get(line), PATIENCE, line)
            self.assertRegex(found, "it said '%s' at 20" % word)

    def test_another_who_scans_while_strided_waits_for_a_sensor(self):
        world = self.make_world('[Runner anna]\n' + sensor('pod', POD), ['pod:POD:%s' % POD])
        world.start_ready()
        world.wait_sensor('pod', 'absent')
        self.assertIn('discovery-free', self.lines())
        scanner = Scanner(world.bus)
        found = self.lines()
        scanner.close()
        self.assertIn('another program scans on hci0', found.get('discovery-other', found))
        self.assertIn('discovery-free', self.lines())

    def on_terminal(self, **env):
        """What it prints on a terminal of 80 columns."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
        with subprocess.Popen([find_program('stridectl', 'STRIDECTL'), 'doctor'], stdout=slave, stdin=subprocess.DEVNULL,
                              env={**os.environ, 'TERM': 'xterm', 'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=/nowhere', **env}):
            os.close(slave)
            text = b''
            with contextlib.suppress(OSError): # the end of a terminal
                while True:
                    text += os.read(master, 4096)
        os.close(master)
        return text.decode()

    def test_on_a_terminal(self):
        text = self.on_terminal()
        self.assertIn('\033[31mfail   \033[0m  System bus ', text)
        plain = self.on_terminal(NO_COLOR='1')
        self.assertNotIn('\033', plain)
        self.assertEqual(re.sub(r'\033\[[0-9;]*m', '', text).count('\n'), plain.count('\n'))
        self.assertLessEqual(max(map(len, plain.splitlines())), 80)
        self.assertRegex(plain, r"\n {33}\S", 'what does not fit stands below')

    def test_wrong_words(self):
        done = subprocess.run([find_program('stridectl', 'STRIDECTL'), 'doctor', 'x=now'], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (2, ''))
        self.assertIn("doctor takes no 'x'", done.stderr)


def tearDownModule():
    check_that_all_were_seen(__file__)


if __name__ == '__main__':
    run_tests()
