#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The disks that crash_disk.py makes are all that fsync allows and nothing else: what was synced is on each,
what was not is missing on some."""
import os
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from crash_disk import CrashDisk, Op, distinct, put, read_journal

DISKS = 200
WRITER = """
import os
fd = os.open('made/a', os.O_WRONLY | os.O_CREAT)
os.write(fd, b'hello ')
os.fdatasync(fd)
os.write(fd, b'world')
os.rename('made/a', 'made/b')
os.ftruncate(fd, 3)
os.unlink('made/b')
"""


class Story:
    def __init__(self):
        self.ops = []

    def add(self, kind, inode=0, number=0, data=b''):
        self.ops.append(Op(kind, len(self.ops) + 1, inode, number, data))

    def sync(self, inode, folder=b''):
        self.add('S', inode, len(self.ops) + 1, folder)


class CrashDisks(unittest.TestCase):
    def disks(self, ops, cut=None):
        """Each as {name: bytes}, of many seeds."""
        seen = []
        for seed in range(DISKS):
            with tempfile.TemporaryDirectory() as folder:
                CrashDisk(ops, len(ops) if cut is None else cut, '/s').write(folder, random.Random(seed))
                seen.append({os.path.relpath(os.path.join(at, name), folder):
                             Path(at, name).read_bytes()
                             for at, _, names in os.walk(folder) for name in names})
        return seen

    def story(self):
        story = Story()
        story.add('C', 7, 0, b'/s/a')
        story.add('W', 7, 0, b'old')
        story.sync(7)
        story.sync(1, b'/s')
        return story

    def test_what_was_synced_is_on_each(self):
        self.assertEqual({d.get('a') for d in self.disks(self.story().ops)}, {b'old'})

    def test_a_file_in_a_folder_that_was_not_synced_may_be_missing(self):
        seen = {d.get('a') for d in self.disks(self.story().ops, cut=3)}
        self.assertEqual(seen, {None, b'old'})

    def test_of_what_was_not_synced_anything_may_be_there(self):
        story = self.story()
        story.add('W', 7, 3, b'new')
        seen = {d['a'] for d in self.disks(story.ops)}
        self.assertEqual(seen, {b'old', b'oldn', b'oldne', b'oldnew'})

    def test_pages_come_in_any_order(self):
        story = self.story()
        story.add('W', 7, 0, b'x' * 4096)
        story.add('W', 7, 4096, b'y' * 4096)
        self.assertIn(b'old' + bytes(4093) + b'y' * 4096, {d['a'] for d in self.disks(story.ops)})

    def test_a_rename_may_not_have_come_to_the_disk_and_is_one_of_the_two(self):
        story = self.story()
        story.add('R', 0, 0, b'/s/a\0/s/b')
        self.assertEqual({tuple(sorted(d)) for d in self.disks(story.ops)}, {('a',), ('b',)})
        story.sync(1, b'/s')
        self.assertEqual({tuple(sorted(d)) for d in self.disks(story.ops)}, {('b',)})

    def test_names_of_a_folder_come_in_their_order(self):
        story = self.story()
        for name in (b'/s/b', b'/s/c'):
            story.add('C', 8 + len(story.ops), 0, name)
        self.assertEqual({tuple(sorted(d)) for d in self.disks(story.ops)}, {('a',), ('a', 'b'), ('a', 'b', 'c')})

    def test_a_sync_promises_what_came_before_it_was_asked_for(self):
        story = self.story()
        story.add('W', 7, 3, b'N')
        story.add('W', 7, 4, b'L')
        story.add('S', 7, len(story.ops), b'') # asked for between the two
        self.assertEqual({d['a'] for d in self.disks(story.ops)}, {b'oldN', b'oldNL'})

    def test_what_somebody_else_put_there_is_on_each_until_it_is_removed(self):
        story = self.story()
        after = len(story.ops)
        story.ops += put(after, '/s/in') + put(after, '/s/in/c', 9, b'whole')
        self.assertEqual({d.get('in/c') for d in self.disks(story.ops)}, {b'whole'})
        story.ops.append(Op('U', after + 1, 0, 0, b'/s/in/c'))
        self.assertEqual({d.get('in/c') for d in self.disks(story.ops)}, {b'whole', None})

    def test_a_file_that_has_the_number_of_one_that_is_gone_is_another(self):
        story = self.story()
        story.add('U', 0, 0, b'/s/a')
        story.add('M', 0, 0, b'/s/f')
        story.sync(1, b'/s')
        story.ops.pop(-3) # as if that it is gone had not come to the disk
        story.add('C', 7, 0, b'/s/f/b')
        story.add('W', 7, 0, b'new')
        story.sync(7)
        story.sync(1, b'/s/f')
        seen = {(d['a'], d['f/b']) for d in self.disks(distinct(story.ops))}
        self.assertEqual(seen, {(b'old', b'new')})

    def test_the_library_records_what_a_program_does(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, 'made'))
            journal, root = os.path.join(folder, 'journal'), os.path.join(folder, 'made')
            options = ':'.join(filter(None, [os.environ.get('ASAN_OPTIONS', ''), 'verify_asan_link_order=0']))
            subprocess.run([sys.executable, '-c', WRITER], cwd=folder, check=True, env=dict(
                os.environ, LD_PRELOAD=os.environ['STRIDED_DISK_JOURNAL'], DISK_JOURNAL=journal,
                DISK_JOURNAL_ROOT=root, ASAN_OPTIONS=options))
            ops = read_journal(journal)
            a, b = os.path.join(root, 'a').encode(), os.path.join(root, 'b').encode()
            self.assertEqual([(op.kind, op.number, op.data) for op in ops], [
                ('C', 0, a), ('W', 0, b'hello '), ('S', 3, b''), ('W', 6, b'world'), ('R', 0, a + b'\0' + b),
                ('T', 3, b''), ('U', 0, b)])
            self.assertEqual(len({op.inode for op in ops if op.kind in 'CWST'}), 1)


if __name__ == '__main__':
    unittest.main(verbosity=2)
