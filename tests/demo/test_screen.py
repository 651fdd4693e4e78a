#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The demo's table on terminals of several widths, before and after the first message."""
import io
import json
import os
import sys
import types
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from screen import Screen, View  # noqa: E402

ROOT = 'strided/demo'


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Table(unittest.TestCase):
    def screen(self, columns):
        environment = mock.patch.dict(os.environ, {'COLUMNS': str(columns), 'LINES': '24', 'TERM': 'xterm',
                                                   'NO_COLOR': '1'})
        environment.start()
        self.addCleanup(environment.stop)
        self.out = Terminal()
        return Screen(self.out, View(ROOT), 60, ['pod', 'strap'])

    @staticmethod
    def feed(screen, topic, body):
        screen.view.feed(types.SimpleNamespace(topic=ROOT + '/' + topic, text=json.dumps(body), body=body), 0)

    def test_a_narrow_terminal_gets_lines(self):
        for columns, in_place in ((65, False), (66, True), (200, True)):
            with self.subTest(columns):
                screen = self.screen(columns)
                screen.draw(final=True)
                self.assertEqual(screen.in_place, in_place)
                self.assertEqual('\x1b' in self.out.getvalue(), in_place)

    def test_the_table_has_the_same_lines_before_the_sensors_are_heard_of(self):
        screen = self.screen(80)
        screen.draw()
        before = self.out.getvalue()
        self.assertEqual(before.count('starting'), 3, before)    # strided and two sensors
        for name in ('pod', 'strap'):
            self.feed(screen, 'sensor/' + name, {'state': 'streaming', 'battery_pct': 87, 'reason': 'subscribed'})
        self.feed(screen, 'status', 'online')
        screen.draw()
        after = self.out.getvalue()[len(before):]
        self.assertEqual(after.count('\n'), before.count('\n'))
        self.assertNotIn('starting', after)
        self.assertEqual(after.count('streaming'), 2)


if __name__ == '__main__':
    unittest.main(verbosity=2)
