#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The bars of the week: what is filled, what is marked, and the table around them on any terminal."""
import io
import json
import os
import re
import sys
import time
import types
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import bars                                     # noqa: E402
from week_screen import WeekScreen, WeekView    # noqa: E402

ROOT = 'strided/demo'
WIDTHS = range(8, 40)
SENTENCE = ('Descent in the last 7 days: 169 m, usual 118 m (+43 %). No study sets a limit; we use 50 m '
            'more (D).')


def behind(text):
    """Cells that are filled right of the limit's mark."""
    return text.split(bars.LIMIT)[1].count(bars.FULL)


class Bar(unittest.TestCase):
    def test_marks_and_fill_of_a_plain_case(self):
        for value, expected in ((0, '·····╎··┃·'), (40, '███··╎··┃·'), (59, '████·╎··┃·'), (60, '█████╎··┃·'),
                                (70, '█████╎··┃·'), (71, '█████╎█·┃·'), (95, '█████╎█·┃·'),
                                (100, '█████╎██┃·'), (100.1, '█████╎██┃█'), (120, '█████╎██┃█')):
            self.assertEqual(bars.bar(value, 70, 100, 10), expected, value)

    def test_the_limit_is_passed_in_the_bar_when_it_is_passed(self):
        for width in WIDTHS:
            for limit in (50, 168, 20700.5):
                for share in (0, 0.3, 0.5, 0.9, 0.99, 0.9999, 1, 1.0001, 1.01, 1.2, 1.21, 2, 50):
                    with self.subTest(width=width, limit=limit, share=share):
                        text = bars.bar(share * limit, 0.7 * limit, limit, width)
                        self.assertEqual(len(text), width)
                        self.assertEqual(text.count(bars.LIMIT), 1)
                        self.assertEqual(behind(text) > 0, share > 1, text)

    def test_more_is_never_shown_as_less(self):
        for width in WIDTHS:
            cells = [bars.bar(value, 118, 168, width).count(bars.FULL) for value in range(0, 201)]
            self.assertEqual(cells, sorted(cells))
            self.assertGreater(cells[-1], cells[0])

    def test_what_is_not_known_is_not_drawn(self):
        self.assertEqual(bars.bar(None, None, None, 5), '·····')
        self.assertEqual(bars.bar(0, None, None, 5), '·····')
        self.assertEqual(bars.bar(3, None, None, 5), '█████')
        self.assertEqual(bars.bar(None, 100, 200, 12).strip(bars.EMPTY), '╎····┃')
        self.assertEqual(bars.bar(10, 0, 50, 12).count(bars.LIMIT), 1)      # none in the weeks before
        row = bars.row('descent', {}, bars.metres_high, 79)
        self.assertEqual([text.strip() for text, _, _ in row][2:], ['–', '–', '–', '–'])

    def test_figures_beside_it(self):
        def figures(key, figure, **body):
            return [text.strip() for text, _, _ in bars.row('x', body, figure, 79, key=key)][2:]
        self.assertEqual(figures('total', bars.kilometres, total=27940.4, reference=29100, limit=32010,
                                 verdict='ok'), ['27.9 km', '29.1 km', '32.0 km', 'ok'])
        self.assertEqual(figures('total', bars.hours, total=9660, reference=600, limit=36000, verdict='caution'),
                         ['2:41 h', '0:10 h', '10:00 h', 'caution'])
        self.assertEqual(figures('value', bars.metres_high, value=None, reference=60.4, limit=75.4,
                                 verdict='insufficient_data'), ['–', '60 m', '75 m', 'no heights'])

    def test_its_colour_is_the_verdict(self):
        for verdict, colour in (('ok', 'green'), ('caution', 'yellow'), ('warning', 'red'), (None, None)):
            row = bars.row('x', {'total': 1, 'reference': 1, 'limit': 2, 'verdict': verdict}, bars.hours, 79)
            self.assertEqual(row[1][1], colour)


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Table(unittest.TestCase):
    def screen(self, columns, colour=False, lines=24):
        environment = {'COLUMNS': str(columns), 'LINES': str(lines), 'TERM': 'xterm'}
        if not colour:
            environment['NO_COLOR'] = '1'
        patch = mock.patch.dict(os.environ, environment)
        patch.start()
        self.addCleanup(patch.stop)
        if colour:
            os.environ.pop('NO_COLOR', None)
        self.out = Terminal()
        return WeekScreen(self.out, WeekView(ROOT, 'anna'), 60)

    @staticmethod
    def feed(screen, topic, body):
        screen.view.feed(types.SimpleNamespace(topic=ROOT + '/' + topic, text=json.dumps(body), body=body),
                         time.monotonic())

    def fill(self, screen):
        measure = {'reference': 118.0, 'limit': 168.0, 'verdict': 'ok'}
        self.feed(screen, 'runner/anna/week', {'t': '2027-03-10T17:24:00Z', 'measures': {
            'distance_m': {**measure, 'total': 118.5, 'reference': 29100, 'limit': 32010},
            'moving_s': {**measure, 'total': 9660, 'reference': 10034, 'limit': 11037},
            'downhill_drop_m': {**measure, 'total': 169.2, 'verdict': 'warning'}}})
        self.feed(screen, 'runner/anna/alert/spike_descent', {
            'value': 53.0, 'reference': 60.0, 'limit': 75.0, 'verdict': 'ok', 'sentence': 'x'})
        self.feed(screen, 'runner/anna/session', {'state': 'running', 'id': 'x'})
        self.feed(screen, 'runner/anna/live', {
            't': '2027-03-10T17:24:10.000Z', 'state': 'running', 'elapsed_s': 1430.2, 'distance_m': 4291,
            'grade_pct': -8.0, 'downhill_drop_m': 53.2, 'heart_rate_bpm': 138})
        self.notice(screen, 'one')

    def notice(self, screen, name):
        self.feed(screen, 'runner/anna/event', {
            'id': name, 'at': '2027-03-10T17:23:50.000Z', 'kind': 'alert',
            'body': {'news': 'crossed', 'alert': {'sentence': SENTENCE}}})

    def shown(self):
        return [re.sub('\x1b\\[[0-9;?]*[A-Za-z]', '', line).strip('\r')
                for line in self.out.getvalue().split('\n')]

    def test_rows_are_aligned_and_fit_on_every_width(self):
        for columns in (66, 67, 72, 80, 81, 200):
            with self.subTest(columns):
                screen = self.screen(columns)
                self.fill(screen)
                screen.draw()
                self.assertTrue(all(len(line) < columns for line in self.shown()), self.shown())
                rows = [line for line in self.shown() if bars.LIMIT in line and 'limit' not in line]
                self.assertEqual(len(rows), 4)      # of the longest run nothing was said
                verdict_at = bars.LABEL_W + bars.room(min(columns, 80) - 1) + 3 * bars.FIGURE_W + 2
                self.assertEqual([row[verdict_at:].rstrip() for row in rows], ['ok', 'ok', 'warning', 'ok'])
                for end, figure in ((0, bars.room(min(columns, 80) - 1)), (1, 9), (2, 9), (3, 9)):
                    at = bars.LABEL_W + bars.room(min(columns, 80) - 1) + end * bars.FIGURE_W
                    self.assertTrue(all(row[at - 1] not in ' –' and row[at:at + 2].strip() == '' for row in rows), rows)
                text = ' '.join(' '.join(self.shown()).split())
                self.assertIn(SENTENCE, text)
                self.assertFalse([line for line in self.shown() if re.search(r'^ *(%|m\b)', line)], self.shown())
                self.assertIn('23:50, 4.3 km, at -8.0 %, 53 m down, 138 bpm', text)

    def test_a_narrow_terminal_gets_lines_and_the_table_once(self):
        screen = self.screen(65)
        self.fill(screen)
        screen.draw()
        screen.draw()
        self.assertNotIn('\x1b', self.out.getvalue())
        self.assertEqual(sum(bars.LIMIT in line for line in self.shown()), 0)
        self.assertIn('descent: seven days 169 m of 168 m, one run 53 m of 75 m', ' '.join(self.shown()))
        said = ' '.join(' '.join(self.shown()).split())
        self.assertEqual(said.count(SENTENCE), 1)   # at once, and not with every line
        screen.draw(final=True)
        self.assertEqual(sum(bars.LIMIT in line and 'limit' not in line for line in self.shown()), 4)
        self.assertNotIn('\x1b', self.out.getvalue())

    def test_a_message_is_no_reason_to_draw_at_once(self):
        screen = self.screen(80)
        with mock.patch.object(time, 'monotonic', lambda: 1000.0):
            for n in range(100):
                self.notice(screen, str(n))
                screen.draw()
            self.assertEqual(self.out.getvalue().count('strided  '), 1)
            screen.draw(final=True)
            self.assertEqual(self.out.getvalue().count('strided  '), 2)

    def test_no_color_means_none(self):
        for colour in (False, True):
            screen = self.screen(80, colour)
            self.fill(screen)
            screen.draw()
            self.assertEqual('\x1b[31m' in self.out.getvalue(), colour)
            self.assertEqual(bool(re.search('\x1b\\[[0-9;]*m', self.out.getvalue())), colour)

    def test_before_anything_was_heard(self):
        screen = self.screen(80)
        screen.draw()
        text = '\n'.join(self.shown())
        self.assertIn('starting', text)
        self.assertIn('nobody runs', text)
        self.assertIn('none came in yet', text)
        self.assertNotIn(bars.FULL, text)

    def test_what_is_drawn_in_place_does_not_scroll(self):
        """Or the cursor would not find its way back."""
        for lines, in_place, notices in ((10, False, 6), (19, False, 6), (20, True, 2), (24, True, 3), (60, True, 6)):
            with self.subTest(lines=lines):
                screen = self.screen(66, lines=lines)
                self.fill(screen)
                for n in range(5):
                    self.notice(screen, 'more %d' % n)
                screen.draw()
                self.assertEqual(screen.in_place, in_place)
                self.assertEqual(' '.join(self.shown()).count('Descent in the last'), notices)
                if in_place:
                    self.assertLessEqual(len(self.shown()), lines)     # the last one is the cursor's

    def test_an_event_that_comes_again_is_one(self):
        screen = self.screen(80)
        self.fill(screen)
        self.notice(screen, 'one')
        self.assertEqual(len(screen.view.notices), 1)
        for name, verdict, counts in (('a.fit', 'imported', True), ('b.gpx', 'imported', False),
                                      ('c.fit', 'refused', None)):
            sessions = [] if counts is None else [{'counts': counts}]
            for _ in range(2):
                self.feed(screen, 'runner/anna/event', {
                    'id': name, 'at': '2027-03-10T17:00:00.000Z', 'kind': 'import',
                    'body': {'file': name, 'verdict': verdict, 'sessions': sessions}})
        self.assertEqual(screen.view.files_text(), '3 came in, 1 refused, 1 the same run again')

    def test_of_somebody_else_nothing_is_shown(self):
        screen = self.screen(80)
        self.fill(screen)
        for topic, body in (('alert/spike_descent', {'value': 7, 'reference': 1, 'limit': 2}),
                            ('week', {'t': '2027-03-11T00:00:00Z', 'measures': {}}),
                            ('event', {'id': 'x', 'at': '2027-03-11T00:00:00.000Z', 'kind': 'alert', 'body': {}})):
            self.feed(screen, 'runner/ben/' + topic, body)
        self.assertEqual(screen.view.alerts['spike_descent']['value'], 53.0)
        self.assertEqual((len(screen.view.notices), screen.view.at.day), (1, 10))
        self.assertIn('downhill_drop_m', screen.view.week)


if __name__ == '__main__':
    unittest.main(verbosity=2)
