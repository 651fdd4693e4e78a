#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The password and the private key of the broker's link, looked for in everything that leaves the daemon: its
arguments and environment, its log, each topic, each answer, its files, and the core that it does not leave.
"""
import os
import resource
import signal
import subprocess
import unittest
from pathlib import Path

from harness import find_program, free_port, wait_until
from test_tls import Certificates
from world import PATIENCE, POD, World, run_tests, sensor

PASSWORD = 'hunter2-and-more'
NOBODY = 65534
CONFIG = '[Runner anna]\nMaxHeartRate=190\nRestHeartRate=50\n' + sensor('pod', POD)
QUESTIONS = ('status', 'sensors', 'imports', 'week', 'load', 'explain weekly_distance', 'scan 1')


class Secrets(unittest.TestCase):
    def setUp(self):
        spare = World(bus=False, broker=False)
        self.addCleanup(spare.close)
        os.chmod(spare.folder, 0o755)
        self.files = Certificates(spare.folder)
        for name in ('broker', 'ours'):
            self.files.sign(name, name)
        users = self.files['users']
        subprocess.run(['mosquitto_passwd', '-b', '-c', users, 'hall', PASSWORD], check=True, capture_output=True,
                       timeout=PATIENCE)
        Path(self.files['password']).write_text(PASSWORD + '\n')
        self.port = free_port()
        self.extra = ['password_file ' + users, 'listener %d 127.0.0.1' % self.port, 'cafile ' + self.files['ca.crt'],
                      'certfile ' + self.files['broker.crt'], 'keyfile ' + self.files['broker.key'],
                      'require_certificate true']
        key = Path(self.files['ours.key']).read_text().splitlines()
        self.secrets = [PASSWORD, key[1], key[2]]
        self.assertIn('PRIVATE KEY', key[0])
        for name in ('password', 'ours.key'):
            os.chmod(self.files[name], 0o600)

    def make_world(self, *sensors, **options):
        self.world = World(CONFIG, sensors, broker_extra=self.extra, **options)
        self.addCleanup(self.world.close)
        self.world.write_config(mqtt=['Uri=mqtts://localhost:%d' % self.port, 'CaFile=' + self.files['ca.crt'],
                                      'Username=hall', 'PasswordFile=' + self.files['password'],
                                      'ClientCert=' + self.files['ours.crt'], 'ClientKey=' + self.files['ours.key'],
                                      'Commands=all'])

    def assert_silent(self, where, text):
        """text of any kind: nothing of what is secret is in it, and it is not empty."""
        data = text if isinstance(text, bytes) else text.encode()
        self.assertTrue(data, where)
        self.assertEqual([secret for secret in self.secrets if secret.encode() in data], [], where)

    def test_they_are_in_nothing_that_leaves_it(self):
        self.make_world('pod:POD:%s:awake' % POD, clock=10)
        heard = self.world.subscribe('#')
        daemon = self.world.start()
        daemon.wait_log('broker: connected')
        self.world.wait_control()
        heard.wait('runner/anna/event', lambda m: m.json['kind'] == 'session_start')
        heard.wait('runner/anna/live', lambda m: m.json['distance_m'])
        for question in QUESTIONS:
            for form in ((), ('--json',)):
                self.assert_silent(question, self.world.stridectl(*form, *question.split())[1])
        self.world.publish('strided/hall/request/status', '{"transaction":"1"}')
        heard.wait('hall/response/status')
        self.assertEqual(self.world.ctl('session', 'stop')['status'], 'ok')
        heard.wait('runner/anna/event', lambda m: m.json['kind'] == 'session_end')
        self.assert_silent('the bus', subprocess.run(
            ['busctl', '--address=' + self.world.bus.address, 'introspect', 'org.strided1', '/org/strided1'],
            capture_output=True, check=True, timeout=PATIENCE).stdout)
        for name in ('cmdline', 'environ'):
            self.assert_silent(name, Path('/proc/%d/%s' % (daemon.process.pid, name)).read_bytes())
        checked = subprocess.run([find_program('strided', 'STRIDED'), '--config', self.world.config, '--state-dir',
                                  str(self.world.state), '--check-config'], capture_output=True, timeout=PATIENCE)
        self.assertEqual(checked.returncode, 0)
        self.assert_silent('--check-config', checked.stdout + checked.stderr)
        self.world.stop()
        self.assert_silent('topics', '\n'.join(m.topic + ' ' + m.text for m in heard.all()))
        self.assertGreater(len(heard.all()), 20)
        self.assert_silent('the log', self.world.log())
        for path in Path(str(self.world.state)).rglob('*'):
            if path.is_file() and path.stat().st_size:
                self.assert_silent(path.name, path.read_bytes())

    # ---- and a core ----

    def as_somebody(self):
        """What goes before the command of an ordinary user, who may dump and trace what is theirs."""
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        prefix, self.user = [], os.geteuid()
        if self.user == 0:
            self.user = NOBODY
            prefix = ['setpriv', '--reuid=%d' % NOBODY, '--regid=%d' % NOBODY, '--clear-groups', '--']
            os.chmod(self.world.folder, 0o711)
            os.makedirs(self.world.state, exist_ok=True)
            for path in (str(self.world.state), self.files['password'], self.files['ours.key']):
                os.chown(path, NOBODY, NOBODY)
            if subprocess.run(prefix + ['test', '-x', find_program('strided', 'STRIDED')], timeout=PATIENCE).returncode:
                self.skipTest('skipped: the program is not for all users')
        return prefix

    def may_look_into(self, pid):
        """Whether another process of the same user can read its memory."""
        script = 'import sys\nopen("/proc/%s/mem" % sys.argv[1], "rb")'
        done = subprocess.run(['/usr/bin/python3', '-c', script, str(pid)], capture_output=True, text=True, timeout=PATIENCE,
                              **({'user': self.user, 'group': self.user, 'extra_groups': ()} if os.geteuid() == 0 else {}))
        self.assertTrue(done.returncode == 0 or 'PermissionError' in done.stderr, done.stderr)
        return done.returncode == 0

    def test_they_are_in_no_core(self):
        if os.environ.get('STRIDED_WRAPPER'):
            self.skipTest('skipped: the wrapper would be looked at')
        self.make_world(bus=False)
        prefix = self.as_somebody()
        daemon = self.world.start(prefix=prefix, cwd=str(self.world.state))
        daemon.wait_log('broker: connected')
        pid = daemon.process.pid
        self.assertFalse(self.may_look_into(pid))
        self.assertEqual(os.stat('/proc/%d/environ' % pid).st_uid, 0)  # of who can't be dumped, they are root's
        os.kill(pid, signal.SIGABRT)  # as the watchdog does
        _, status = os.waitpid(pid, 0)
        daemon.process.returncode = -signal.SIGABRT
        daemon.wait_end()
        self.assertEqual((os.WTERMSIG(status), os.WCOREDUMP(status)), (signal.SIGABRT, False))
        self.assertEqual([p.name for p in Path(str(self.world.state)).glob('*core*')], [])
        # with nothing to hide, it is as any other: what was looked at above can tell
        self.world.write_config(mqtt=[])
        daemon = self.world.start(prefix=prefix)
        daemon.wait_log('broker: connected')
        self.assertTrue(self.may_look_into(daemon.process.pid))


if __name__ == '__main__':
    run_tests()
