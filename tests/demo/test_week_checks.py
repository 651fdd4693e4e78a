#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The story's checks, held to wrong figures: each has to be said, and the demo has to end with 1.

The whole demo runs as it does, on a clock of its own, but for its children (told_week.py).
"""
import contextlib
import datetime
import io
import os
import sys
import tempfile
import time
import types
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import demo as demo_main        # noqa: E402
import expected                 # noqa: E402
import story as story_main      # noqa: E402
import week_checks              # noqa: E402
from told_week import EVENT, NOW, RATE, SESSION, WEEK, Told, as_it_is   # noqa: E402


class Result:
    def __init__(self, status, text):
        self.status, self.text = status, text
        self.failed = [line[len('FAILED '):] for line in text.splitlines() if line.startswith('FAILED ')]


def on(topic, how):
    """Spoils what arrives on one topic; how() may give None: it never comes."""
    return lambda t, body: how(body) if t == topic else body


def events(kind, how):
    return on(EVENT, lambda body: how(body) if body['kind'] == kind else body)


def notice(rule, how):
    """Spoils the alert in the message about a rule."""
    def spoil(body):
        if body['body']['alert']['rule'] == rule:
            body['body']['alert'] = how(body['body']['alert'])
        return body
    return events('alert', spoil)


def kept(rule, how):
    return on('runner/anna/alert/' + rule, how)


def field(key, how):
    return lambda body: {**body, key: how(body[key])}


def week(measure, key, how):
    def spoil(body):
        body['measures'][measure][key] = how(body['measures'][measure][key])
        return body
    return on(WEEK, spoil)


class Checks(unittest.TestCase):
    def demo(self, spoil=as_it_is, retain=1, status=0, prepare=lambda told: None):
        """The exit status of a demo that is told so, and what it wrote."""
        out, now = io.StringIO(), iter(range(10 ** 9))
        out.close = lambda: None

        def make(stack, folder, rate):
            told = Told(spoil, retain, status, stack, folder, rate)
            prepare(told)
            return told
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            for target, name, value in (
                    (demo_main, 'Story', make), (demo_main, 'find_programs', lambda *_: None),
                    (demo_main, 'keep_stderr', lambda folder: None), (demo_main.signals, 'catch', lambda: None),
                    (demo_main.signals, 'ignore', lambda: None), (demo_main.os, 'fdopen', lambda *_, **__: out),
                    (demo_main.os, 'dup', lambda fd: fd), (tempfile, 'mkdtemp', lambda **_: folder),
                    (tempfile, 'tempdir', folder), (demo_main.shutil, 'rmtree', lambda *_, **__: None),
                    (time, 'monotonic', lambda: next(now) / 100)):
                stack.enter_context(mock.patch.object(target, name, value))
            return Result(demo_main.main(['--rate', str(RATE)]), out.getvalue())

    def test_figures_that_are_right_pass(self):
        for label, spoil in (('as it was', as_it_is),
                             ('edges of hills', week('downhill_drop_m', 'total', lambda v: v - 2)),
                             ('half a per cent', week('distance_m', 'total', lambda v: v * 1.004))):
            with self.subTest(label):
                result = self.demo(spoil)
                self.assertEqual((result.status, result.failed), (0, []), result.text)
                for rule in week_checks.RULES:
                    self.assertIn('ok     %s: "' % rule, result.text)

    def check_fails(self, expected_lines, **how):
        """It ends with 1, and every line that failed is one of the expected."""
        result = self.demo(**how)
        self.assertEqual(result.status, 1, result.text)
        for pattern in expected_lines:
            self.assertTrue([line for line in result.failed if pattern in line], (pattern, result.text))
        for line in result.failed:
            self.assertTrue([p for p in expected_lines if p in line], (line, result.text))

    def check_rows(self, rows):
        for label, spoil, lines in rows:
            with self.subTest(label):
                self.check_fails(lines, spoil=spoil)

    def test_messages_that_are_wrong_are_said(self):
        self.check_rows((
            ('10 % more', notice('weekly_downhill', field('value', lambda v: v * 1.1)),
             ['weekly_downhill: "', 'weekly_downhill when it was said']),
            ('10 % less', notice('weekly_downhill', field('value', lambda v: v * 0.9)),
             ['weekly_downhill: "', 'weekly_downhill when it was said', 'weekly_downhill: said as warning, -']),
            ('another usual', notice('spike_descent', field('reference', lambda v: v + 5)),
             ['spike_descent: "', 'spike_descent: usual']),
            ('another limit', notice('spike_descent', field('limit', lambda v: v - 5)),
             ['spike_descent: usual']),
            ('caution only', notice('spike_descent', field('verdict', lambda v: 'caution')), ['spike_descent: said as caution']),
            ('some left', notice('spike_descent', field('left_today', lambda v: 3)), ['spike_descent: said as warning']),
            ('no sentence', notice('weekly_downhill', field('sentence', lambda v: None)), ['weekly_downhill: "']),
            ('another figure', notice('weekly_downhill', field('sentence', lambda v: v.replace('days: 1', 'days: 2'))),
             ['weekly_downhill: "']),
            ('another change', notice('spike_descent', field('sentence', lambda v: v.replace('(+', '(+1'))),
             ['spike_descent: "']),
            ('no word of studies', notice('spike_descent', field('sentence', lambda v: v.replace(
                ' No study sets a limit;', ''))), ['spike_descent: "']),
            ('no word of a doctor', notice('weekly_downhill', field('explain', lambda v: v.replace('See a doctor', ''))),
             ['weekly_downhill: says beside it when to see a doctor']),
            ('another letter', notice('spike_descent', field('sentence', lambda v: v.replace('(D)', '(A)'))),
             ['spike_descent: "']),
            ('a letter beside it', notice('spike_descent', field('evidence', lambda v: 'A')), ['spike_descent: "']),
            ('another floor', notice('weekly_downhill', field('sentence', lambda v: v.replace('50 m', '30 m'))),
             ['weekly_downhill: "']),
            ('cleared', events('alert', lambda b: {**b, 'body': {**b['body'], 'news': 'cleared'}}), ['messages: ']),
        ))

    def test_messages_that_come_late_or_early_are_said(self):
        held = []

        def late(body):     # said with the figures of then
            held.append(body['at'])
            at = datetime.datetime.fromisoformat(body['at'].replace('Z', '+00:00')) + datetime.timedelta(seconds=45)
            return {**body, 'at': at.strftime('%Y-%m-%dT%H:%M:%S.000Z')}
        self.check_fails(['when it was said'], spoil=events('alert', late))
        self.assertTrue(held)
        self.check_fails(['messages before the treadmill tilted', 'when it was said'], spoil=events(
            'alert', lambda b: {**b, 'at': '2026-03-10T17:05:00.000Z'}))

    def test_what_never_came_is_missed(self):
        def rule_lost(rule):
            return lambda t, b: None if t == EVENT and b['body'].get('alert', {}).get('rule') == rule else b
        self.check_rows((
            ('no message at all', events('alert', lambda b: None), ['messages: none']),
            ('not of the week', rule_lost('weekly_downhill'), ['messages: spike_descent crossed']),
            ('not of the run', rule_lost('spike_descent'), ['messages: weekly_downhill crossed']),
            ('no alert kept', kept('spike_descent', lambda b: None), ['spike_descent at the end', 'spike_descent: kept as None']),
            ('session', on(SESSION, lambda b: None), ['session: it has not ended']),
            ('offline', lambda t, b: None if b == 'offline' else b, ['status: online']),
        ))

    def test_a_third_rule_that_speaks_is_said(self):
        def doubled(body):
            body['body']['alert']['rule'] = 'weekly_distance'
            return body
        self.check_fails(['messages: '], spoil=lambda t, b: doubled(b) if t == EVENT and b['id'] == 'spike_descent' else b)

    def test_what_is_kept_of_the_rules_is_looked_at(self):
        self.check_rows((
            ('value', kept('weekly_downhill', field('value', lambda v: v - 5)), ['weekly_downhill at the end']),
            ('verdict', kept('spike_descent', field('verdict', lambda v: 'ok')), ['spike_descent: kept as ok']),
            ('since', kept('spike_descent', field('since', lambda v: None)), ['spike_descent: kept as warning']),
        ))

    def test_files_that_went_wrong_are_said(self):
        def body(how):
            return events('import', lambda b: {**b, 'body': how(b['body'])})

        def first(how):     # of the files
            return lambda b: how(b) if b['file'].startswith('2026-02-03') else b
        count = iter(range(10 ** 6))
        self.check_rows((
            ('refused', body(first(lambda b: {**b, 'verdict': 'refused', 'sessions': []})),
             ['files: 20 of 21', 'outings: 19 of']),
            ('counted twice', body(lambda b: {**b, 'sessions': [{**b['sessions'][0], 'counts': True}]}),
             ['outings: 21 of']),
            ('counted never', body(lambda b: {**b, 'sessions': [{**b['sessions'][0], 'counts': False}]}),
             ['outings: 0 of 0.0 km']),
            ('miles', body(lambda b: {**b, 'sessions': [{**b['sessions'][0], 'distance_m':
                                                          b['sessions'][0]['distance_m'] / 1.609}]}), ['outings: ']),
            ('one never told', events('import', lambda b: None if next(count) == 3 else b),
             ['waited 60 s in vain for the files']),
        ))

    def test_bars_that_do_not_fill_are_said(self):
        first = iter(range(10 ** 6))
        self.check_rows((
            ('no week', on(WEEK, lambda b: None), ['waited 15 s in vain for a verdict']),
            ('few weeks', on(WEEK, lambda b: b if next(first) < 30 else None), ['week: 9 messages']),
            ('no descent', week('downhill_drop_m', 'total', lambda v: None), ['week: ']),
            ('it stands still', week('downhill_drop_m', 'total', lambda v: 114.0), ['week: descent']),
            ('it jumps', week('downhill_drop_m', 'total', lambda v: v if v < 150 else v - 20),
             ['week: ', 'week: descent']),
            ('something left', week('downhill_drop_m', 'left_today', lambda v: v + 1), ['week: ']),
            ('distance', week('distance_m', 'total', lambda v: v * 1.01), ['week: ']),
            ('verdict', week('distance_m', 'verdict', lambda v: 'caution'), ['week: distance is caution']),
        ))

    def test_a_session_that_is_wrong_is_said(self):
        self.check_rows((
            ('descent', on(SESSION, field('downhill_drop_m', lambda v: v - 1.5)), ['session: descent']),
            ('no descent', on(SESSION, field('downhill_drop_m', lambda v: None)), ['session: descent: nothing']),
            ('distance', on(SESSION, field('distance_m', lambda v: v * 1.01)), ['session: ']),
            ('no distance', on(SESSION, field('distance_m', lambda v: None)), ['session: None m']),
        ))

    def test_what_is_not_retained_is_said(self):
        self.check_fails(['spike_descent: kept', 'weekly_downhill: kept', 'week: ', 'session: ended',
                          'status: offline'], retain=0)

    def test_children_that_fail_end_it(self):
        def crashed(told):
            process = types.SimpleNamespace(returncode=-11)
            told.children['strided'] = types.SimpleNamespace(alive=lambda: told.beat < 50, process=process)
        self.check_fails(['strided ended by itself (status -11)'], prepare=crashed)
        self.check_fails(['strided ended with status 1 on SIGTERM'], status=1)


class Clock(unittest.TestCase):
    def test_no_midnight_falls_into_the_story(self):
        for hour in range(24):
            now = NOW.replace(hour=hour, minute=30)
            begin = story_main.next_evening(now)
            self.assertEqual((begin.hour, begin.minute), (17, 0))
            self.assertTrue(now < begin <= now + expected.DAY)

    def test_the_treadmill_between_two_looks(self):
        treadmill = story_main.Treadmill()
        for wall, descent_m, speed in ((100, 0.0, 0), (106, 0.0, 3), (112, 1.2, 3), (118, 2.4, 0), (124, 2.4, 0)):
            treadmill.note(wall, {'descent_m': descent_m, 'distance_m': 0, 'speed_m_s': speed})
        self.assertEqual([round(treadmill.descent_at(t), 6) for t in (90, 100, 106, 109, 112, 118, 121, 200)],
                         [0, 0, 0, 0.6, 1.2, 2.4, 2.4, 2.4])
        self.assertEqual(treadmill.stood_since(), 118)

    def test_rates_that_are_not_allowed(self):
        for words in (['--rate', '0'], ['--rate', '121'], ['--rate', 'fast'], ['--rate', '60', '--seconds', '30'],
                      ['--rate', '60', '--forever']):
            with self.subTest(words), mock.patch('sys.stderr', io.StringIO()), self.assertRaises(SystemExit) as e:
                demo_main.parse(words)
            self.assertEqual(e.exception.code, 2)
        self.assertEqual(demo_main.parse(['--rate', '60']).rate, 60)
        self.assertIsNone(demo_main.parse([]).rate)


if __name__ == '__main__':
    unittest.main(verbosity=2)
