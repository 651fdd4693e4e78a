#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The disk of slow_world.c refuses what a real one refuses: all changes when it is read-only, and what needs room when it
is full; nothing beyond its folder, and nothing while all is well."""
import errno
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'integration'))

from slow_world import SlowWorld  # noqa: E402

CHANGES = """
import ctypes, json, os, sys
at, call, told = sys.argv[1], ctypes.CDLL(None, use_errno=True), {}
fd, folder = os.open(at + '/open', os.O_RDWR), os.open(at, os.O_RDONLY)

def change(name, *arguments):
    told[name] = 0 if getattr(call, name)(*arguments) >= 0 else ctypes.get_errno()

def path(name):
    return (at + '/' + name).encode()

sys.stdout.write('open\\n')
sys.stdout.flush()
sys.stdin.readline()
change('unlink', path('a'))
change('unlinkat', folder, b'b', 0)
change('rename', path('d'), path('d2'))
change('renameat', folder, b'e', folder, b'e2')
change('renameat2', -100, path('f'), -100, path('f2'), 1)
change('link', path('g'), path('g2'))
change('linkat', folder, b'h', folder, b'h2', 0)
change('symlink', b'a', path('i2'))
change('symlinkat', b'a', folder, b'j2')
change('rmdir', path('k'))
change('truncate', path('open'), ctypes.c_long(1))
change('truncate64', path('open'), ctypes.c_long(1))
change('ftruncate', fd, ctypes.c_long(1))
change('ftruncate64', fd, ctypes.c_long(1))
change('mkdir', path('l2'), 0o700)
change('mkdirat', folder, b'm2', 0o700)
change('write', fd, b'x', ctypes.c_size_t(1))
change('pwrite64', fd, b'x', ctypes.c_size_t(1), ctypes.c_long(0))
print(json.dumps(told))
"""
MADE_AGAIN = """
import os, sys
for make in (os.mkdir, lambda at: os.symlink('a', at), lambda at: os.link(at, at)):
    try:
        make(sys.argv[1])
    except FileExistsError:
        print('is there')
"""
NEED_ROOM = {'mkdir', 'mkdirat', 'write', 'pwrite64'}


class Refusals(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state, self.beyond = (os.path.join(folder.name, name) for name in ('state', 'state-of-another'))
        self.slow = SlowWorld(folder.name, self.state)
        for at in (self.state, self.beyond):
            os.makedirs(os.path.join(at, 'k'))
            for name in ('open', *'abdefgh'):
                with open(os.path.join(at, name), 'w') as f:
                    f.write('text')

    def told(self, at, error):
        """What each change comes to, 0 or its errno, to one who had a file open before it began."""
        self.slow.order(error=0)
        with subprocess.Popen([sys.executable, '-c', CHANGES, at], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env={**os.environ, **self.slow.environment()}) as child:
            self.assertEqual(child.stdout.readline(), 'open\n')
            self.slow.order(error=error)
            return json.loads(child.communicate('go\n')[0])

    def test_a_read_only_disk_refuses_every_change(self):
        before = sorted(os.listdir(self.state))
        self.assertEqual({name for name, error in self.told(self.state, errno.EROFS).items() if error != errno.EROFS}, set())
        self.assertEqual(sorted(os.listdir(self.state)), before)
        self.assertEqual(os.path.getsize(os.path.join(self.state, 'open')), 4)

    def test_a_full_disk_refuses_what_needs_room(self):
        told = self.told(self.state, errno.ENOSPC)
        self.assertEqual({name for name, error in told.items() if error}, NEED_ROOM)
        self.assertLessEqual(set(told.values()), {0, errno.ENOSPC})

    def test_others_and_a_disk_that_is_well_refuse_nothing(self):
        for at, error in ((self.beyond, errno.EROFS), (self.state, 0)):
            with self.subTest(at):
                self.assertEqual(set(self.told(at, error).values()), {0})

    def test_what_is_there_already_is_told_first(self):
        for error in (errno.EROFS, errno.ENOSPC):
            self.slow.order(error=error)
            done = subprocess.run([sys.executable, '-c', MADE_AGAIN, os.path.join(self.state, 'k')], capture_output=True,
                                  text=True, env={**os.environ, **self.slow.environment()})
            self.assertEqual((done.stdout, done.stderr), ('is there\n' * 3, ''))


if __name__ == '__main__':
    unittest.main(verbosity=2)
