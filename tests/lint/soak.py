#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: soak.py ROOT

What passed in the long run stands for what it was, and for no more: soak.sh, in a tree of its own whose one fuzz target
only counts."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(sys.argv.pop(1))
PROGRAMS = {
    'bin/meson': 'exit 0',
    'bin/ninja': '[[ $* != *targets* ]] || echo "tests/fuzz/libfuzzer_one: phony"',
    'build-fuzz/tests/fuzz/libfuzzer_one': 'echo "$*" >>"${0%/build-fuzz/*}/runs"; echo "Done 5 runs in 1 second(s)"',
}


class Marks(unittest.TestCase):
    def setUp(self):
        tree = tempfile.TemporaryDirectory()
        self.addCleanup(tree.cleanup)
        self.tree = tree.name
        for name in ('.ci', 'config', 'daemon', 'lib', 'run', 'systemd', 'tests', 'build', 'bin', 'build-fuzz/tests/fuzz'):
            os.makedirs(os.path.join(self.tree, name))
        for name in ('meson.build', 'build-fuzz/build.ninja', 'runs'):
            open(os.path.join(self.tree, name), 'w').close()
        shutil.copy(os.path.join(ROOT, 'tests', 'soak.sh'), os.path.join(self.tree, 'tests'))
        for name, text in PROGRAMS.items():
            with open(os.path.join(self.tree, name), 'w', opener=lambda path, flags: os.open(path, flags, 0o755)) as f:
                f.write('#!/bin/bash\n%s\n' % text)

    def soak(self, seconds=None):
        """(its last line, for how many seconds the target ran this time, or None)"""
        runs = os.path.join(self.tree, 'runs')
        environment = {name: value for name, value in os.environ.items() if name != 'STRIDED_FUZZ_S'}
        environment['PATH'] = os.path.join(self.tree, 'bin') + ':' + environment['PATH']
        environment.update({'STRIDED_FUZZ_S': seconds} if seconds is not None else {})
        done = subprocess.run(['bash', os.path.join(self.tree, 'tests', 'soak.sh'), os.path.join(self.tree, 'build'), 'fuzz'],
                              env=environment, capture_output=True, text=True)
        self.assertEqual(done.stderr, '')
        with open(runs) as f:
            ran = [word.partition('=')[2] for word in f.read().split() if word.startswith('-max_total_time=')]
        os.truncate(runs, 0)
        self.assertLessEqual(len(ran), 1)
        return done.stdout.splitlines()[-1], int(ran[0]) if ran else None

    def test_a_short_one_does_not_stand_for_the_long_one(self):
        passed = '1 passed, 0 failed, 0 skipped'
        self.assertEqual(self.soak('1'), (passed, 1))
        self.assertEqual(self.soak('1'), (passed, None))
        self.assertEqual(self.soak(), (passed, 600))
        self.assertEqual(self.soak(), (passed, None))
        self.assertEqual(self.soak('600'), (passed, None))

    def test_what_is_no_time_is_refused(self):
        for seconds in ('0', '-1', '1h', '007'): # of which libFuzzer takes 0 for no end at all
            with self.subTest(seconds):
                self.assertEqual(self.soak(seconds), ('0 passed, 1 failed, 0 skipped', None))


if __name__ == '__main__':
    unittest.main(verbosity=2)
