#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""config/mosquitto/ as it lies there, but for ports, paths, the name of the gateway and the password of the bridge: two
Mosquittos, the bridge between them, and strided with a runner. Who may read and write what, what stands at the centre,
and what comes through when either was away.
"""
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import unittest
from pathlib import Path

from harness import Mosquitto, free_port, wait_until
from runs import ANNA, BEN, Runs
from world import PATIENCE, POD, STRAP, Case, Lines, Message, World, run_tests, sensor

FILES = Path(os.environ['STRIDED_SOURCE_ROOT'], 'config/mosquitto')
GATEWAY, OTHER = 'hall', 'shed'
DEBIANS = """pid_file {folder}/mosquitto.pid
persistence true
persistence_location {folder}/
log_dest file {folder}/log
log_type all
include_dir {folder}/conf.d
"""


def password(login):
    return 'secret of ' + login


class Broker(Mosquitto):
    """As Debian starts it: its own file, and those in conf.d; here it is ours that lie there."""

    def __init__(self, name, files, logins, certificates, words=(), other=None):
        self.name, self.words, self.other = name, dict(words), other
        super().__init__(start=False)
        self.tls_port = free_port()
        self.certificates = certificates
        self.users = logins
        folder = Path(self.folder)
        (folder / 'certs').mkdir()
        (folder / 'conf.d').mkdir()
        for kind in ('key', 'crt'):
            shutil.copy(certificates / ('%s.%s' % (name, kind)), folder / 'certs' / ('broker.' + kind))
        shutil.copy(certificates / 'ca.crt', folder / 'certs')
        (folder / 'strided.passwd').touch(mode=0o600)
        for login in logins:
            subprocess.run(['mosquitto_passwd', '-b', folder / 'strided.passwd', login, password(login)], check=True,
                           capture_output=True, timeout=PATIENCE)
        self.sources = files

    def _write_config(self):
        folder = Path(self.folder)
        for source in self.sources:
            text = (FILES / source).read_text()
            for here, there in self.words.items():
                assert here in text or source != 'bridge.conf', here
                text = text.replace(here, there)
            if self.other and source == 'centre.acl':
                text = self._with_another_gateway(text)
            text = re.sub(r'\bpi\b', GATEWAY, text.replace('/etc/mosquitto', self.folder))
            text = re.sub(r'^listener 1883', 'listener %d' % self.port, text, flags=re.M)
            text = re.sub(r'^listener 8883', 'listener %d' % self.tls_port, text, flags=re.M)
            place = folder / 'conf.d' if source.endswith('.conf') else folder
            (place / source).write_text(text)
            assert '/etc' not in re.sub(r'^#.*', '', text, flags=re.M), 'a path that is not ours'
        (folder / 'mosquitto.conf').write_text(DEBIANS.format(folder=self.folder) +
                                               ('user root\n' if os.geteuid() == 0 else ''))
        return str(folder / 'mosquitto.conf')

    def _with_another_gateway(self, text):
        """As the README says: the lines of `user pi` once more, with the other's name."""
        block = re.search(r'^user pi\n(topic .*\n)+', text, re.M).group()
        said = {5: 'five', 6: 'six', 7: 'seven'}[len(block.splitlines())]
        assert 'the %s lines of `user pi`' % said in (FILES / 'README.md').read_text(), block
        return text.replace(block, block + '\n' + re.sub(r'\bpi\b', self.other, block))

    def start(self, tries=1):
        self.ran = self._times_run()
        super().start(tries)

    def _times_run(self):
        return len(re.findall(r'mosquitto version \S+ running', self.log()))

    def _listens(self):
        return self.child.alive() and self._times_run() > self.ran

    def login(self, name):
        """Over TLS, as everybody but strided."""
        return ['-h', 'localhost', '-p', str(self.tls_port), '--cafile', str(self.certificates / 'ca.crt'), '-V', '5',
                '-u', name, '-P', password(name)]

    def publish(self, login, topic, text='{}', *options):
        """Whether the broker took it."""
        done = subprocess.run(['mosquitto_pub', *self.login(login), '-q', '1', '-t', topic, '-m', text, *options],
                              capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0 and done.stderr in ('', 'Warning: Publish 1 failed: Not authorized.\n'), done
        return done.stderr == ''

    def may_read(self, login, topics, writer):
        """Which of the topics come to somebody who wants all: each is written by the gateway."""
        reader = Reader(self, login, '#')
        end = '%s/response/%s/end' % (self.below, login) # everybody reads that
        try:
            for topic in (*topics, end):
                assert self.publish(writer, topic, '"rights"'), topic
            reader.wait(lambda m: m.topic == end)
            return {m.topic for m in reader.all() if m.text == '"rights"'} - {end}
        finally:
            reader.kill()

    below = 'strided/' + GATEWAY


class Reader(Lines):
    """What one login hears, from the moment it is subscribed on. With keep=True the broker keeps what comes while
    one of both is away."""

    def __init__(self, broker, login, *filters, keep=False):
        super().__init__(['stdbuf', '-oL', 'mosquitto_sub', *broker.login(login), '-d', '-q', '1', '--retain-as-published',
                          '-F', '%j', *(['-c', '-i', 'keep-' + login, '-x', '86400'] if keep else []),
                          *[word for f in filters for word in ('-t', f)]], stderr=subprocess.DEVNULL)
        self.wait_log('^Subscribed')

    def wait(self, accept, seconds=PATIENCE, since=0):
        def look(line):
            message = Message(line) if line.startswith('{') else None
            return message if message and accept(message) else None
        return self.wait_line(look, 'a message', seconds, since)

    def all(self, pattern=''):
        found = [Message(line) for line in list(self.lines) if line and line.startswith('{')]
        return [m for m in found if re.search(pattern, m.topic)]


def make_certificates(folder):
    for name in ('gateway', 'centre'):
        done = subprocess.run([FILES / 'certificates.sh', folder, name, 'localhost', '127.0.0.1'], capture_output=True, text=True,
                              timeout=PATIENCE)
        assert done.returncode == 0, done
    return Path(folder)


class Certificates(Case):
    def setUp(self):
        world = self.make_world(bus=False, broker=False)
        self.folder = make_certificates(os.path.join(world.folder, 'ca'))

    def text(self, *argv):
        return subprocess.run(['openssl', *argv], capture_output=True, text=True, check=True, timeout=PATIENCE).stdout

    def test_what_is_in_them(self):
        self.text('verify', '-CAfile', self.folder / 'ca.crt', '-purpose', 'sslserver', self.folder / 'gateway.crt')
        shown = self.text('x509', '-in', self.folder / 'gateway.crt', '-noout', '-ext', 'subjectAltName,basicConstraints')
        self.assertIn('DNS:gateway, DNS:localhost, IP Address:127.0.0.1', shown)
        self.assertIn('CA:FALSE', shown)
        self.assertEqual({p.name: p.stat().st_mode & 0o777 for p in self.folder.iterdir()},
                         {'ca.key': 0o600, 'ca.crt': 0o644, 'ca.srl': 0o600, 'gateway.key': 0o600, 'gateway.crt': 0o644,
                          'centre.key': 0o600, 'centre.crt': 0o644})

    def test_the_ca_stays_when_one_is_renewed(self):
        before = (self.folder / 'ca.crt').read_bytes(), (self.folder / 'gateway.crt').read_bytes()
        make_certificates(self.folder)
        self.assertEqual((self.folder / 'ca.crt').read_bytes(), before[0])
        self.assertNotEqual((self.folder / 'gateway.crt').read_bytes(), before[1])

    def test_what_is_no_name_is_refused(self):
        for words in ((), ('a',), ('a', '../x'), ('a', 'ca'), ('a', 'pi', 'x,DNS:evil'), ('a', 'pi', 'a b'), ('a', '-x')):
            done = subprocess.run([FILES / 'certificates.sh', *words], capture_output=True, cwd=self.folder, timeout=PATIENCE)
            self.assertEqual(done.returncode, 2, (words, done))
            self.assertFalse((self.folder / 'a/ca.crt').exists())


def blocks(path, title):
    """What is to be typed in a part of a README, block by block."""
    part = re.search(r'^#+ %s\n.*?(?=^## |\Z)' % re.escape(title), Path(path).read_text(), re.S | re.M).group()
    return [re.sub(r'^ +', '', block, flags=re.M) for block in re.findall(r'^ *```\n(.*?)^ *```$', part, re.S | re.M)]


class Walks(Case):
    """A broker as both READMEs have it, word for word: let others in, then rights, then the files that lie here. What is
    done as root, and for Mosquitto's user, is done in a folder of our own by who is called here."""
    README = FILES.parent.parent / 'README.md'

    def setUp(self):
        world = self.make_world(bus=False, broker=False)
        self.folder = Path(world.folder)
        self.certificates = make_certificates(self.folder / 'ca')
        for path in ('etc/conf.d', 'etc/certs', 'strided.conf.d', 'bin'):
            (self.folder / path).mkdir(parents=True)
        drop = 'n=$#; while [ $n -gt 0 ]; do case $1 in -o | -g) shift 2; n=$((n - 2)) ;; ' \
               '*) set -- "$@" "$1"; shift; n=$((n - 1)) ;; esac; done\n'
        for name, words in (('sudo', 'exec "$@"'), ('chown', 'exit 0'), ('systemctl', 'exit 0'),
                            ('install', drop + 'exec %s "$@"' % shutil.which('install')),
                            # it asks at a terminal
                            ('mosquitto_passwd', 'for name; do :; done\nexec %s -b "$@" "secret of $name"' % shutil.which('mosquitto_passwd'))):
            (self.folder / 'bin' / name).write_text('#!/bin/sh\n%s\n' % words)
            (self.folder / 'bin' / name).chmod(0o755)
        self.broker, self.ports = None, (free_port(), free_port())

    def type(self, words, said=''):
        ours = {'mosquitto': str(self.folder / 'etc'), 'strided': str(self.folder)}
        words = re.sub(r'/etc/(mosquitto|strided)(?=/)', lambda m: ours[m.group(1)], words)
        done = subprocess.run(['bash', '-ec', words], cwd=FILES, input=said, capture_output=True, text=True, timeout=PATIENCE,
                              env={**os.environ, 'PATH': '%s:%s' % (self.folder / 'bin', os.environ['PATH'])})
        self.assertEqual(done.returncode, 0, (words, done))

    def start(self):
        """The broker, with all that lies in conf.d by now, but for the ports."""
        if self.broker:
            self.broker.stop()
        lines = ['include_dir %s' % (self.folder / 'etc/conf.d'), 'log_dest file %s' % (self.folder / 'log')]
        port, tls = self.ports
        for path in (self.folder / 'etc/conf.d').iterdir():
            text = path.read_text().replace('/etc/mosquitto', str(self.folder / 'etc'))
            text = re.sub(r'^listener 1883', 'listener %d' % port, text, flags=re.M)
            path.write_text(re.sub(r'^listener 8883', 'listener %d' % tls, text, flags=re.M))
        class Typed(Mosquitto):
            def _write_config(inner):
                path = os.path.join(inner.folder, 'mosquitto.conf')
                Path(path).write_text('\n'.join(lines + ['user root'] * (os.geteuid() == 0)) + '\n')
                return path
        self.broker = Typed(start=False)
        self.broker.port = port
        self.addCleanup(self.broker.close)
        try:
            self.broker.start(tries=1)
        except RuntimeError:
            self.fail((self.folder / 'log').read_text())
        return port

    def may(self, port, login, topic):
        done = subprocess.run(['mosquitto_pub', '-V', '5', '-p', str(port), '-u', login, '-P', password(login), '-q', '1', '-t', topic,
                               '-m', '{}'], capture_output=True, text=True, timeout=PATIENCE)
        return done.returncode == 0 and done.stderr == ''

    def login_of_strided(self):
        said = dict(re.findall(r'^(\w+)=(.*)$', (self.folder / 'strided.conf.d/30-login.conf').read_text(), re.M))
        self.assertEqual(Path(said['PasswordFile']).read_text().strip(), password(said['Username']))
        self.assertEqual(os.stat(said['PasswordFile']).st_mode & 0o777, 0o600)
        return said['Username']

    def test_to_let_others_in_and_then_with_rights(self):
        make, tell = blocks(self.README, 'Set up a Pi, with a real pod and strap')[-2:]
        self.type(make)
        self.type(tell, password('pi') + '\n')
        strided = self.login_of_strided()
        port = self.start()
        self.assertTrue(self.may(port, strided, 'strided/pi/status'))
        self.assertTrue(self.may(port, 'phone', 'strided/pi/request/session'))
        self.assertFalse(self.may(port, 'nobody', 'strided/pi/status'))

        # the least of rights, where the text says
        acl, line = re.search(r'put this into `(\S+)`, the line `(acl_file .*?)` below\s+`password_file` in\s+'
                              '`/etc/mosquitto/conf.d/lan.conf`', self.README.read_text()).groups()
        rights, login = blocks(self.README, 'Privacy and access')[:2]
        self.assertIn('\nUsername=%s\n' % strided, login)
        self.type("printf '%%s' %s >%s; echo '%s' >>/etc/mosquitto/conf.d/lan.conf" % (shlex.quote(rights), acl, line))
        self.type('mosquitto_passwd /etc/mosquitto/passwd anna')
        port = self.start()
        self.assertTrue(self.may(port, strided, 'strided/pi/status'))
        self.assertTrue(self.may(port, strided, 'homeassistant/device/x/config'))
        self.assertTrue(self.may(port, 'anna', 'strided/pi/request/session'))
        self.assertFalse(self.may(port, 'anna', 'strided/pi/status'))
        self.assertFalse(self.may(port, 'phone', 'strided/pi/request/session'))

        # and with the files that lie here, in its place
        for name in ('key', 'crt'):
            shutil.copy(self.certificates / ('gateway.' + name), self.folder / 'etc/certs' / ('broker.' + name))
        shutil.copy(self.certificates / 'ca.crt', self.folder / 'etc/certs')
        files, tell = [b for b in blocks(FILES / 'README.md', 'Beside one gateway') if 'gateway.acl' in b or '[MQTT]' in b]
        self.type(files)
        (self.folder / 'strided.conf.d/30-login.conf').unlink()
        self.type(tell, password('pi') + '\n')
        port = self.start()
        self.assertTrue(self.may(port, self.login_of_strided(), 'strided/pi/status'))
        self.assertFalse(self.may(port, 'phone', 'strided/pi/request/session')) # its login is in the other file


class Brokers(Runs):
    """A gateway with two runners, its broker, and the centre."""

    def start_all(self, rate=20):
        world = self.make_world('[HomeAssistant]\nDiscovery=yes\n' + ANNA + BEN + sensor('pod', POD) + sensor('strap', STRAP),
                                ['pod:P:%s:scenario=idle,awake,sleep=100000' % POD, 'strap:S:%s:scenario=idle' % STRAP],
                                clock=rate, broker=False)
        self.files = make_certificates(os.path.join(world.folder, 'ca'))
        logins = ('anna', 'ben', 'homeassistant', 'notify')
        self.centre = Broker('centre', ('centre.conf', 'centre.acl'), (GATEWAY, OTHER, 'keeper', *logins), self.files)
        self.addCleanup(self.centre.close)
        self.centre.start()
        world.broker = Broker('gateway', ('gateway.conf', 'gateway.acl', 'bridge.conf'), (GATEWAY, 'wall', *logins), self.files,
                              {'centre.example:8883': 'localhost:%d' % self.centre.tls_port, 'PASSWORD': password(GATEWAY)})
        world.broker.start()
        Path(world.folder, 'password').write_text(password(GATEWAY))
        os.chmod(os.path.join(world.folder, 'password'), 0o600)
        world.write_config(mqtt=['Username=' + GATEWAY, 'PasswordFile=%s/password' % world.folder])
        world.start_ready()
        self.here = world.broker
        return world

    def reader(self, *args, **options):
        reader = Reader(*args, **options)
        self.addCleanup(reader.kill)
        return reader

    def bridged(self, word='1', since=0):
        return self.keeper.wait(lambda m: (m.topic, m.text) == ('bridge/' + GATEWAY, word), since=since)

    def ask(self, broker, login, verb, arguments, gateway=GATEWAY):
        """The answer to a request over MQTT 5, at a place of one's own; None: none in time."""
        done = subprocess.run(['mosquitto_rr', *broker.login(login), '-q', '1', '-W', '5', '-t', 'strided/%s/request/%s' % (gateway, verb),
                               '-e', 'strided/%s/response/%s/1' % (gateway, login), '-m', json.dumps(arguments)],
                              capture_output=True, text=True, timeout=PATIENCE)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def answered(self, *args):
        return wait_until(lambda: self.ask(*args), PATIENCE, 'an answer')

    def retained(self, broker, login):
        """What somebody who comes now is told, of the gateway."""
        done = subprocess.run(['mosquitto_sub', *broker.login(login), '--retained-only', '-W', '3', '-q', '1', '-F', '%t %p',
                               '-t', 'strided/%s/#' % GATEWAY], capture_output=True, text=True, timeout=PATIENCE)
        return dict(line.split(' ', 1) for line in done.stdout.splitlines())

    def same_at_both(self):
        """Retained; of sensors, which are told each minute, how they are."""
        def stable(retained):
            return {t: json.loads(p)['state'] if '/sensor/' in t else p for t, p in retained.items()}
        def look():
            a, b = self.retained(self.here, 'homeassistant'), self.retained(self.centre, 'homeassistant')
            return b if stable(a) == stable(b) and a else None
        return wait_until(look, PATIENCE, 'the same at both brokers', 0.5)


TOPICS = ('status', 'info', 'health', 'sensor/pod', 'runner/anna/live', 'runner/anna/now', 'runner/anna/session',
          'runner/anna/week', 'runner/anna/event', 'runner/anna/alert/weekly_distance', 'runner/anna/alert/monotony',
          'runner/ben/live', 'runner/ben/session', 'runner/ben/week', 'runner/ben/alert/monotony',
          'response/status', 'response/anna/1', 'response/ben/1')


def of_runner(name):
    return {t for t in TOPICS if t.startswith('runner/%s/' % name) or t == 'response/%s/1' % name}


class Rights(Brokers):
    ALL = set(TOPICS)
    READ = { # at the gateway
        'anna': of_runner('anna') | {'status'}, 'ben': of_runner('ben'), 'homeassistant': ALL, 'notify': {'runner/anna/event'},
        'wall': {'status', 'health', 'sensor/pod', 'runner/anna/week', 'runner/ben/week', 'runner/anna/alert/weekly_distance'}}
    READ_THERE = {'anna': of_runner('anna') | {'status'}, 'ben': of_runner('ben'), 'homeassistant': ALL,
                  'notify': {'runner/anna/event'}, 'keeper': {'status', 'info', 'health', 'sensor/pod'}}
    VERBS = {'session', 'incline', 'route', 'release', 'week', 'explain', 'acknowledge', 'snooze', 'log-run'}

    def start_brokers(self):
        """Without strided, which would answer, and hold its topics to what is so."""
        world = self.make_world(bus=False, broker=False)
        self.files = make_certificates(os.path.join(world.folder, 'ca'))
        people = ('anna', 'ben', 'homeassistant', 'notify')
        here = Broker('gateway', ('gateway.conf', 'gateway.acl'), (GATEWAY, 'wall', *people), self.files)
        there = Broker('centre', ('centre.conf', 'centre.acl'), (GATEWAY, OTHER, 'keeper', *people), self.files, other=OTHER)
        for broker in (here, there):
            self.addCleanup(broker.close)
            broker.start()
        return here, there

    def check_reads(self, broker, expected):
        topics = ['strided/%s/%s' % (GATEWAY, t) for t in TOPICS]
        for login, may in expected.items():
            with self.subTest(login, broker=broker.name):
                heard = broker.may_read(login, topics, GATEWAY)
                self.assertEqual({t.split('/', 2)[2] for t in heard}, may)

    def check_writes(self, broker, login, may):
        """What comes in: requests; and nobody but the gateway writes what is its own."""
        for verb in sorted(self.VERBS | {'status', 'load', 'imports', 'export'}):
            self.assertEqual(broker.publish(login, 'strided/%s/request/%s' % (GATEWAY, verb)), verb in may, (login, verb))
        for topic in ('status', 'info', 'health', 'runner/anna/live', 'runner/anna/event', 'response/anna/1'):
            self.assertFalse(broker.publish(login, 'strided/%s/%s' % (GATEWAY, topic)), (login, topic))

    def test_rights(self):
        here, there = self.start_brokers()
        everything = self.VERBS | {'status', 'load', 'imports', 'export'}
        self.check_reads(here, self.READ)
        self.check_reads(there, self.READ_THERE)
        for login, may in (('anna', self.VERBS), ('ben', set()), ('wall', set()), ('notify', set()), ('homeassistant', everything)):
            self.check_writes(here, login, may)
        for login, may in (('anna', self.VERBS), ('ben', set()), ('keeper', set()), ('notify', set()), ('homeassistant', everything)):
            self.check_writes(there, login, may)
        # discovery
        config = 'homeassistant/device/strided_x/config'
        for broker in (here, there):
            self.assertTrue(broker.publish(GATEWAY, config))
            self.assertFalse(broker.publish('anna', config))
            self.assertFalse(broker.publish(GATEWAY, 'homeassistant/status'))
            self.assertTrue(broker.publish('homeassistant', 'homeassistant/status'))
        # one gateway is not another, and a name below one's own is no gateway's
        self.assertTrue(there.publish(OTHER, 'strided/%s/status' % OTHER))
        self.assertFalse(there.publish(OTHER, 'strided/%s/status' % GATEWAY))
        self.assertFalse(there.publish(OTHER, 'bridge/' + GATEWAY))
        self.assertFalse(here.publish(GATEWAY, 'strided/%s/status' % OTHER))

    def test_who_has_no_login_or_no_trust(self):
        here, there = self.start_brokers()
        for broker in (here, there):
            for wrong in (['-u', 'anna', '-P', 'wrong'], ['-u', 'mallory', '-P', 'x'], []):
                done = subprocess.run(['mosquitto_pub', *broker.login('anna')[:-4], *wrong, '-t', 'strided/x', '-m', 'x'],
                                      capture_output=True, text=True, timeout=PATIENCE)
                self.assertNotEqual(done.returncode, 0, wrong)
                self.assertRegex(done.stderr, '(?i)not authori[sz]ed')
            plain = [w for w in broker.login('anna') if w != '--cafile' and not w.endswith('ca.crt')]
            done = subprocess.run(['mosquitto_pub', *plain, '-t', 'strided/x', '-m', 'x'], capture_output=True, timeout=PATIENCE)
            self.assertNotEqual(done.returncode, 0) # TLS, or nothing
            self.assertNotIn('Warning', broker.log())


class Bridge(Brokers):
    def test_state_requests_and_an_absence(self):
        world = self.start_all()
        self.keeper = self.reader(self.centre, 'keeper', 'strided/#', 'bridge/+')
        there = self.reader(self.centre, 'homeassistant', '#', keep=True)
        here = self.reader(self.here, 'homeassistant', '#', keep=True)
        self.bridged()

        # what strided keeps at its own broker stands at the centre
        there.wait(lambda m: m.topic == 'strided/%s/status' % GATEWAY and m.text == 'online')
        kept = self.same_at_both()
        self.assertLessEqual({'strided/%s/%s' % (GATEWAY, t) for t in
                              ('status', 'info', 'sensor/pod', 'runner/anna/week', 'runner/ben/alert/weekly_distance')}, set(kept))
        there.wait(lambda m: re.match(r'homeassistant/device/\w+/config$', m.topic) and m.retain)

        # a run: figures, and a request from the centre that begins it
        answer = self.answered(self.centre, 'anna', 'session', {'do': 'start', 'runner': 'anna', 'transaction': 'a1'})
        self.assertEqual((answer['status'], answer['transaction']), ('ok', 'a1'))
        session = answer['data']['id']
        world.sim.ctl('scenario P steady')
        world.sim.ctl('scenario S steady')
        there.wait(lambda m: m.topic.endswith('/runner/anna/live') and m.json['session'] == session and m.json['distance_m'])
        anna, ben = self.reader(self.centre, 'anna', 'strided/#'), self.reader(self.centre, 'ben', 'strided/#')
        anna.wait(lambda m: m.topic.endswith('/runner/anna/live') and m.json['heart_rate_bpm'])

        # what may not be asked gets no answer, and what is asked here is told here alone
        self.assertIsNone(self.ask(self.centre, 'ben', 'session', {'do': 'stop', 'runner': 'anna'}))
        self.assertEqual(self.answered(self.here, 'anna', 'week', {'runner': 'anna', 'transaction': 'local'})['status'], 'ok')
        self.assertEqual(self.answered(self.centre, 'anna', 'week', {'runner': 'anna'})['status'], 'ok')

        # the centre goes; a sensor is let go and the run ends meanwhile
        self.assertEqual(json.loads(self.same_at_both()['strided/%s/sensor/strap' % GATEWAY])['state'], 'streaming')
        self.centre.stop()
        self.assertEqual(world.ctl('release', 'strap')['status'], 'ok')
        here.wait(lambda m: m.topic.endswith('/sensor/strap') and m.json['state'] == 'released')
        self.assertEqual(self.answered(self.here, 'anna', 'session', {'do': 'stop', 'runner': 'anna', 'transaction': 'local'})['status'], 'ok')
        ended = here.wait(lambda m: m.topic.endswith('/event') and m.json['kind'] == 'session_end')
        self.centre.start()
        told = there.wait(lambda m: m.topic.endswith('/event') and m.json['kind'] == 'session_end')
        self.assertEqual(told.json, ended.json)
        kept = self.same_at_both()
        self.assertEqual(json.loads(kept['strided/%s/runner/anna/session' % GATEWAY])['state'], 'ended')
        self.assertEqual(json.loads(kept['strided/%s/sensor/strap' % GATEWAY])['state'], 'released')
        self.assertEqual(self.answered(self.centre, 'anna', 'week', {'runner': 'anna'})['status'], 'ok')

        # nothing went round: each message of QoS 1 came once, and no request came back
        for reader in (there, here):
            self.assertEqual(len([m for m in reader.all('/event$') if m.json['id'] == ended.json['id']]), 1)
        asked = [m.json.get('transaction') for m in there.all('/request/')]
        self.assertNotIn('local', asked)
        self.assertEqual(asked.count('a1'), [m.json.get('transaction') for m in here.all('/request/')].count('a1'))
        self.assertFalse([m for m in ben.all() if '/anna/' in m.topic])
        self.assertNotIn(password(GATEWAY), self.here.log() + self.centre.log() + world.log())

        # what was asked while the bridge was away is not done when it is back
        self.keeper = self.reader(self.centre, 'keeper', 'strided/#', 'bridge/+')
        since = len(self.keeper.lines)
        self.here.save()
        self.here.stop(signal.SIGKILL)
        self.bridged('0', since)
        self.assertTrue(self.centre.publish('anna', 'strided/%s/request/session' % GATEWAY,
                                            '{"do": "start", "runner": "anna", "transaction": "stale"}'))
        since = len(self.keeper.lines)
        self.here.start()
        here = self.reader(self.here, 'homeassistant', '#', keep=True)
        self.bridged('1', since)
        self.assertEqual(self.answered(self.centre, 'anna', 'week', {'runner': 'anna'})['status'], 'ok')
        here.wait(lambda m: m.topic == 'strided/%s/request/week' % GATEWAY)
        self.assertNotIn('stale', [m.json.get('transaction') for m in here.all('/request/')])
        self.assertEqual(self.sessions(), [])
        self.same_at_both()

    def make_bridge(self, centre, logins):
        here = Broker('gateway', ('gateway.conf', 'gateway.acl', 'bridge.conf'), logins, self.files,
                      {'centre.example:8883': 'localhost:%d' % centre.tls_port, 'PASSWORD': password(GATEWAY)})
        self.addCleanup(here.close)
        return here

    def test_each_topic_goes_out_once_and_what_is_told_again_does_not_wait(self):
        """The rows of the daemon and those of the file, held to each other."""
        rows = re.findall(r'\[TOPIC_\w+\] = \{ "([^"]+)", (\d), (true|false), (true|false)',
                          Path(os.environ['STRIDED_SOURCE_ROOT'], 'daemon/broker/topic.c').read_text())
        self.assertGreater(len(rows), 10)
        out = dict(re.findall(r'^topic (\S+) out (\d) strided/', (FILES / 'bridge.conf').read_text(), re.M))
        out['response/<+>'] = out.pop('response/#')
        ours = {re.sub(r'<\w+>', '+', pattern) if 'response' not in pattern else 'response/<+>':
                (qos, retained) for pattern, qos, retained, comes_in in rows if comes_in == 'false'}
        self.assertEqual(set(out), set(ours))
        for pattern, qos in out.items():
            told_again = ours[pattern] == ('1', 'true') and pattern not in ('status', 'info', 'runner/+/note')
            self.assertEqual(qos, '0' if told_again else ours[pattern][0], pattern)

    def test_days_of_state_push_no_event_out_of_the_queue(self):
        world = self.make_world(bus=False, broker=False)
        self.files = make_certificates(os.path.join(world.folder, 'ca'))
        logins = (GATEWAY, 'homeassistant')
        self.centre = Broker('centre', ('centre.conf', 'centre.acl'), (*logins, 'keeper'), self.files)
        self.addCleanup(self.centre.close)
        self.centre.start()
        here = self.make_bridge(self.centre, logins)
        here.start()
        self.keeper = self.reader(self.centre, 'keeper', 'bridge/+')
        there = self.reader(self.centre, 'homeassistant', 'strided/#', keep=True)
        self.bridged()
        self.centre.stop()
        # a week of a belt that advertises all day, and a runner's hours
        for topic, last in (('sensor/belt', 10100), ('runner/anna/session', 500), ('runner/anna/week', 500)):
            done = subprocess.run(['mosquitto_pub', *here.login(GATEWAY), '-q', '1', '-r', '-l', '-t', '%s/%s' % (here.below, topic)],
                                  input=''.join('{"n": %d}\n' % n for n in range(1, last + 1)), text=True,
                                  capture_output=True, timeout=PATIENCE)
            self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertTrue(here.publish(GATEWAY, here.below + '/runner/anna/event', '{"id": "late"}'))
        self.centre.start()
        there.wait(lambda m: m.topic.endswith('/runner/anna/event') and m.json['id'] == 'late')
        for topic, last in (('sensor/belt', 10100), ('runner/anna/session', 500), ('runner/anna/week', 500)):
            there.wait(lambda m, t=topic, n=last: m.topic.endswith('/' + t) and m.json['n'] == n)
        self.assertNotIn('being dropped', here.log())

    def test_a_centre_that_it_does_not_trust_gets_no_password(self):
        world = self.make_world(bus=False, broker=False)
        self.files = make_certificates(os.path.join(world.folder, 'ca'))
        strangers = make_certificates(os.path.join(world.folder, 'stranger'))
        centre = Broker('centre', ('centre.conf', 'centre.acl'), (GATEWAY,), strangers)
        self.addCleanup(centre.close)
        centre.start()
        here = self.make_bridge(centre, (GATEWAY, 'homeassistant'))
        here.start()
        wait_until(lambda: 'certificate verify failed' in here.log(), PATIENCE, 'the refusal')
        self.assertNotIn('as ' + GATEWAY, centre.log())


if __name__ == '__main__':
    run_tests()
