#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A new owner, as the README has it: listen, paste what was printed, look.

    test_first_steps.py STRIDED STRIDECTL       (STRIDED_BLUEZ_SIM names the simulator)
"""
import datetime
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from files import gpx  # noqa: E402
from harness import Bus, Child, Sim, wait_until  # noqa: E402

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'README.md')

# without the user and group that only an installed strided has
OWN_INSTALL = """n=$#
while [ $n -gt 0 ]; do
    case $1 in -o | -g) shift 2; n=$((n - 2)) ;; *) set -- "$@" "$1"; shift; n=$((n - 1)) ;; esac
done
exec %s "$@"
"""
PASTE = 'paste its lines into the configuration:\n'


class Newcomer(unittest.TestCase):
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


class FirstSteps(Newcomer):
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


def steps_of(readme):
    """{number: its blocks} of the README's walk: of a block the commands, each with what is shown below it."""
    walk = re.search(r'^## Set up a Pi.*?(?=^## )', readme, re.S | re.M).group(0)
    found = {}
    for number, step in re.findall(r'^(\d)\. (.*?)(?=^\d\. |\Z)', walk, re.S | re.M):
        blocks = [re.sub(r'^   ', '', block, flags=re.M) for block in re.findall(r'^   ```\n(.*?)^   ```$', step, re.S | re.M)]
        found[int(number)] = [re.findall(r'^\$ (.*)\n((?:(?!\$ ).*\n)*)', block, re.M) or [(block, '')] for block in blocks]
    return found


@unittest.skipUnless(shutil.which('unzip'), 'no unzip')
class Walk(Newcomer):
    """The README's walk, word for word: who runs, which sensors, the history, and what is told of it. What it does as
    root, in folders of the system, is done in ours by those who are called here."""

    def setUp(self):
        super().setUp()
        self.home = tempfile.TemporaryDirectory(prefix='strided-test-')
        self.addCleanup(self.home.cleanup)
        self.folder = os.path.dirname(self.config)
        with open(self.config, 'a') as f:
            f.write('[Import]\nFolder=%s/import\n' % self.folder)
        os.mkdir(self.folder + '/import')
        log = open(self.folder + '/log', 'w')
        self.addCleanup(log.close)
        self.daemon = Child(self.strided(), env=self.sim.environment(), stderr=log)
        self.addCleanup(self.daemon.close)
        here = [os.path.abspath(word) if os.path.exists(word) else word for word in self.strided()]
        for name, words in (('sudo', 'exec "$@"'), ('apt', 'exit 0'), ('chown', 'exit 0'), ('install', OWN_INSTALL % shutil.which('install')), ('systemctl', 'kill -HUP %d' % self.daemon.pid),
                            ('strided', 'exec %s "$@"' % ' '.join(here)),
                            ('stridectl', 'exec %s "$@"' % os.path.abspath(STRIDECTL))):
            path = '%s/bin/%s' % (self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w') as f:
                f.write('#!/bin/sh\n%s\n' % words)
            os.chmod(path, 0o755)

    def type(self, words):
        words = words.replace('/etc/strided/', self.folder + '/').replace('/srv/strided/import', self.folder + '/import')
        done = subprocess.run(['bash', '-ec', words], cwd=self.home.name, timeout=120, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True,
                              env={**os.environ, **self.bus.environment(), 'PATH': '%s/bin:%s' % (self.folder, os.environ['PATH'])})
        self.assertEqual(done.returncode, 0, '%s: %s%s' % (words, done.stdout, done.stderr))
        return done.stdout

    @staticmethod
    def as_shown(text):
        """Without what differs from one moment to the next (signals, and who is heard best), and without whom the README
        does not know."""
        return sorted(re.sub(r' -\d\d |(?<=assign )\S+', ' ', line).split() for line in text.strip().splitlines()
                      if 'Hall Belt' not in line)

    def bring(self):
        """Five weeks of runs, one of them a ride, as both archives have them."""
        midnight = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        runs = {day: gpx(midnight - datetime.timedelta(days=day, hours=12), 1500, 30, sport='cycling' if day == 3 else 'running')
                for day in range(1, 36, 2)}
        with zipfile.ZipFile(self.home.name + '/export_123.zip', 'w') as archive:
            archive.writestr('profile.csv', 'name\n')
            for day, data in runs.items():
                if day < 20:
                    archive.writestr('activities/%d.gpx' % day, data)
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, 'w') as archive:
            for day, data in runs.items():
                if day >= 20:
                    archive.writestr('%d_ACTIVITY.gpx' % day, data)
        with zipfile.ZipFile(self.home.name + '/garmin_1.zip', 'w') as archive:
            archive.writestr('DI_CONNECT/DI-Connect-Uploaded-Files/UploadedFiles_0-_Part1.zip', inner.getvalue())
        return len(runs)

    def test_the_walk(self):
        with open(README) as f:
            steps = steps_of(f.read())
        self.assertEqual([len(steps[n]) for n in (2, 3, 4, 5)], [1, 1, 2, 1])
        wait_until(lambda: self.say([STRIDECTL, 'status']).returncode == 0, 60, 'strided to answer')
        (who, _), = steps[2][0]
        self.assertIn('[Runner anna]', self.type(who))
        wait_until(lambda: 'anna' in self.say([STRIDECTL, 'week']).stdout or
                   self.say([STRIDECTL, 'week']).returncode == 0, 60, 'the reload')
        (scan, heard), *assigns = steps[3][0]
        wait_until(lambda: self.as_shown(heard) == self.as_shown(self.type(scan)), 120, 'both to be heard')
        self.assertEqual(len(assigns), 2)
        for assign, said in assigns:
            self.assertEqual(self.type(assign).rstrip(), said.rstrip())
        self.assertRegex(self.say([STRIDECTL, 'sensors']).stdout, r'(?m)^pod-42 +pod +anna')
        count = self.bring()
        for (bring, _), in steps[4]:
            self.type(bring)
        self.assertEqual(os.stat(self.folder + '/import/anna').st_mode & 0o7777, 0o2775)
        wait_until(lambda: self.say([STRIDECTL, 'imports']).stdout.count(' imported ') == count, 120, 'all files')
        self.look(steps[5][0][0][0])

    def look(self, words):
        shown = self.type(words)
        for text in ('running/km', 'weekly_distance: ', 'How it is computed', '- a knee that gives way'):
            self.assertIn(text, shown)
        self.assertGreaterEqual(len(re.findall(r'(?m)^\d{4}-W\d\d ', shown)), 5, shown)
        with open(self.home.name + '/report.html') as f:
            report = f.read()
        self.assertIn('<svg', report)
        self.assertNotIn('http://', report.replace('http://www.w3.org', ''))


if __name__ == '__main__':
    STRIDED, STRIDECTL = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1], verbosity=2)
