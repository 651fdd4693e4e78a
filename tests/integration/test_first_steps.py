#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A new owner, as the README has it: listen, paste what was printed, look.

    test_first_steps.py STRIDED STRIDECTL       (STRIDED_BLUEZ_SIM names the simulator)
"""
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from harness import Bus, Child, Sim, wait_until  # noqa: E402

PASTE = 'paste its lines into the configuration:\n'


class FirstSteps(unittest.TestCase):
    def setUp(self):
        self.bus = Bus()
        self.addCleanup(self.bus.close)
        self.sim = Sim(self.bus, '--sensor', 'pod:Stride Pod:C4:5D:A1:07:1E:42',
                       '--sensor', 'strap:HR Strap:F0:9E:4A:3B:22:B7',
                       '--sensor', 'belt:Hall Belt:D8:11:22:33:44:55')
        self.addCleanup(self.sim.close)
        folder = tempfile.TemporaryDirectory(prefix='strided-test-')
        self.addCleanup(folder.cleanup)
        self.config, self.state = folder.name + '/strided.conf', folder.name + '/state'
        self.sensors = folder.name + '/strided.conf.d/sensors.conf'
        os.mkdir(folder.name + '/strided.conf.d')
        with open(self.config, 'w') as f:
            f.write('[Gateway]\nName=pi\n')

    def strided(self, *options):
        argv = os.environ.get('STRIDED_WRAPPER', '').split()
        return argv + [STRIDED, '--config', self.config, '--state-dir', self.state, *options]

    def say(self, argv, seconds=60):
        return subprocess.run(argv, env=dict(os.environ, **self.bus.environment()), timeout=seconds,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def scan(self):
        """What a scan prints once it has heard all three; a burst may miss one of them."""
        return wait_until(lambda: (lambda text: text if all(
            name in text for name in ('Stride Pod', 'HR Strap', 'Hall Belt')) else None)(
                self.say(self.strided('--scan', '3')).stdout), 120, 'all three to be heard')

    def paste(self, text):
        with open(self.sensors, 'w') as f:
            f.write(text.split(PASTE)[1])

    def test_the_pasted_lines_are_a_configuration_with_a_runner(self):
        self.paste(self.scan())
        checked = self.say(self.strided('--check-config'))
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertNotIn('unassigned', checked.stderr)  # a pod or strap that is nobody's
        self.assertIn('[Runner me]', checked.stdout)

    def test_with_them_the_daemon_knows_its_sensors_and_a_scan_says_whose(self):
        self.paste(self.scan())
        daemon = Child(self.strided(), env=self.sim.environment(), stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.close)
        shown = wait_until(lambda: (lambda done: done.stdout if done.returncode == 0 else None)(
            self.say([STRIDECTL, 'sensors'])), 60, 'stridectl to be answered')
        for line in shown.splitlines()[1:]:
            self.assertIn('me', line.split(), 'with one runner the shared treadmill is theirs, too')
        self.assertEqual(len(shown.splitlines()), 4, shown)
        again = self.scan()
        self.assertNotIn(PASTE, again)
        self.assertIn('pod-42 (me)', again)

    def test_a_second_strided_leaves_the_folder_to_the_first(self):
        first = Child(self.strided(), env=self.sim.environment(), stderr=subprocess.DEVNULL)
        self.addCleanup(first.close)
        wait_until(lambda: self.say([STRIDECTL, 'status']).returncode == 0, 60, 'the first to answer')
        second = self.say(self.strided())
        self.assertEqual(second.returncode, 75, second.stderr)
        self.assertEqual(second.stderr, 'error: another strided uses %s (is the service running? '
                                        'sudo systemctl stop strided)\n' % self.state)
        self.assertEqual(self.say(self.strided('--check-config')).returncode, 0)
        self.assertTrue(first.alive())
        first.process.kill()    # what a crash leaves behind is no lock
        first.process.wait()
        third = Child(self.strided(), env=self.sim.environment(), stderr=subprocess.DEVNULL)
        self.addCleanup(third.close)
        wait_until(lambda: self.say([STRIDECTL, 'status']).returncode == 0, 60, 'the next to answer')


if __name__ == '__main__':
    STRIDED, STRIDECTL = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1], verbosity=2)
