#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tests/FAULTS.md promises what the suite shows, fault by fault: its table is the suite's own
(`faults.py --table`), that of the virtual machine its cases' (`cases.py --table`), and that of a broker that is not
trusted has every test of it. And the table of figures is read as it is meant."""
import os
import re
import subprocess
import sys
import unittest

from faults import COUNTED, judge, load, promises
from figures import Figures, table

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
PAGE = os.path.join(TESTS, 'FAULTS.md')


class Promises(unittest.TestCase):
    def setUp(self):
        with open(PAGE) as f:
            self.page = f.read()

    def test_the_page_has_the_table_of_the_suite(self):
        self.assertEqual(self.table('fault'), list(promises(load())))

    def test_the_page_has_the_table_of_the_virtual_machine(self):
        cases = subprocess.run([sys.executable, '-B', TESTS + '/vm/cases.py', '--table'], check=True, text=True,
                               stdout=subprocess.PIPE).stdout.splitlines()
        self.assertGreater(len(cases), 30)
        self.assertEqual(self.table('case'), cases)

    def test_the_page_has_each_test_of_a_broker_that_is_not_trusted(self):
        with open(TESTS + '/integration/test_tls.py') as f:
            methods = re.findall(r'(?m)^    def (test_\w+)', f.read())
        rows = [re.fullmatch(r'\| [A-Z].*\. \| `tests/integration/test_tls.py` (test_\w+) \|', row)
                for row in self.table('promise')[2:]]
        self.assertEqual([row and row[1] for row in rows], methods)

    def table(self, of):
        """Its lines, by the word that begins it."""
        return re.search(r'(?m)^\| %s \|.*\n(?:\|.*\n)+' % of, self.page).group().splitlines()

    def test_each_fault_says_what_it_promises_and_strikes_no_less_in_the_soak(self):
        for one in load().values():
            with self.subTest(one.name):
                self.assertRegex(one.name, r'^[a-z0-9-]+$')
                self.assertRegex(one.promise, r'^[A-Z0-9].*\.$')
                self.assertNotIn('|', one.promise)
                self.assertGreaterEqual(one.soak, one.test)


class Verdict(unittest.TestCase):
    class Counted(unittest.TestCase):
        not_held, skips, fails, figures = '', '', False, Figures(**dict.fromkeys(COUNTED, 0))

        def test(self):
            if self.skips:
                self.skipTest(self.skips)
            self.assertFalse(self.fails)

    def verdict(self, **what):
        case = type('Case', (self.Counted,), what)('test')
        result = unittest.TestResult()
        case.run(result)
        verdict, figures, why = judge(result, case)
        return verdict, figures['note'], why

    def test_what_shows_all_of_it_passes(self):
        self.assertEqual(self.verdict(), ('passed', '', ''))

    def test_what_forgets_to_count_fails(self):
        for name in COUNTED:
            with self.subTest(name):
                figures = Figures(**{**dict.fromkeys(COUNTED, 0), name: None})
                self.assertEqual(self.verdict(figures=figures), ('FAILED', '', 'not counted: ' + name))

    def test_what_holds_to_a_part_is_skipped_and_says_why(self):
        self.assertEqual(self.verdict(not_held='no right'), ('skipped', 'no right', ''))
        self.assertEqual(self.verdict(not_held='no right', fails=True), ('FAILED', '', ''))
        self.assertEqual(self.verdict(skips='not here', figures=Figures()), ('skipped', 'not here', ''))


class Table(unittest.TestCase):
    def test_what_was_not_asked_is_no_zero(self):
        lines = table([('a', 'passed', Figures(sent=5, lost=0).as_dict()),
                       ('bcd', 'FAILED', Figures(stall_ms=1.25, note='n').as_dict())])
        self.assertEqual([line.split() for line in lines[1:]], [
            ['a', 'passed', '5', '-', '-', '-', '0', *['-'] * 7], ['bcd', 'FAILED', *['-'] * 11, '1.2', 'n']])

    def test_notifications_add_up_and_unread_is_told_only_of_one_who_was_killed(self):
        figures = Figures()
        figures.count(5, 5, 0, 0)
        self.assertIsNone(figures.unread)
        figures.count(5, 2, 1, 0, unread=1, in_hand=1)
        self.assertEqual((figures.sent, figures.stored, figures.lost, figures.doubled), (10, 7, 1, 0))
        self.assertEqual((figures.unread, figures.in_hand), (1, 1))

    def test_the_longest_stall_of_all_daemons_counts(self):
        figures = Figures()
        for stall_ms in (None, 3.0, 1.0):
            figures.saw_stall(stall_ms)
        self.assertEqual(figures.stall_ms, 3.0)


if __name__ == '__main__':
    unittest.main(verbosity=2)
