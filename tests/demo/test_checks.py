#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The demo's checks, held to wrong figures: each has to be said, and the demo has to end with 1.

The whole demo runs as it does, on a clock of its own, but for its children: a run of 200 s is told as
they would tell it, as lines of mosquitto_sub and the simulator's counts, and spoilt in one place.
"""
import contextlib
import datetime
import io
import json
import os
import sys
import tempfile
import types
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import demo as demo_main    # noqa: E402
from stage import ROOT, Message      # noqa: E402

SECONDS = 200               # at 4 m/s one per cent of it is more than the two metres that are allowed
STEP_S, SPEED = 0.1, 4
EPOCH = 1795221600
LIVE = 'runner/anna/live'
SESSION = 'runner/anna/session'
EVENT = 'runner/anna/event'


def as_it_is(topic, body):
    return body


class Clock:
    """Both of time's clocks, which go on when they are told to."""

    def __init__(self):
        self.ticks = 0

    @property
    def now(self):
        return self.ticks * STEP_S

    def time(self):
        return EPOCH + self.now

    def stamp(self):
        at = datetime.datetime.fromtimestamp(self.time(), datetime.timezone.utc)
        return at.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (at.microsecond // 1000)


class Body:
    """The runner and both sensors, a packet a second each: what the simulator would count."""

    def __init__(self):
        self.packets, self.cadences = 0, []

    def step(self):
        self.packets += 1
        self.cadences = (self.cadences + [self.cadence()])[-10:]

    def cadence(self):
        """Whole strides: slowly up and down again, as a run does."""
        return 160 + 2 * (self.packets // 20 % 5)

    def heart_rate(self):
        return 100 + self.packets // 4

    def metres(self):
        return float(SPEED * self.packets)

    def truth(self, name):
        if name == 'pod':
            return {'sent': {'2a53': self.packets}, 'cadence_spm': self.cadence() if self.packets else None,
                    'last_sent_m': self.metres()}
        return {'sent': {'2a37': self.packets}, 'heart_rate_bpm': self.heart_rate(), 'last_sent_m': 0.0}

    def ctl(self, command):
        """A course has an end and begins again; this one has none."""


class Told(demo_main.Demo):
    """A demo without children. `spoil(topic, body)` gives what arrives: the body, another, or None."""

    def __init__(self, clock, spoil, retain, status, *rest):
        super().__init__(*rest)
        self.clock, self.spoil, self.retain, self.exit_status = clock, spoil, retain, status
        self.sim, self.broker, self.first_m = Body(), types.SimpleNamespace(port=1883), None
        self.asked = self.over = False

    def start(self, build):
        self.course_at = self.clock.now
        self.say('status', 'online', retained=1)

    def _client(self, program):
        self.asked = self.asked or program == 'mosquitto_pub'
        return ['true']

    def say(self, topic, body, retained=0):
        body = self.spoil(topic, body)
        if body is not None:
            self._take(Message(json.dumps({
                'topic': ROOT + '/' + topic, 'retain': retained and self.retain,
                'payload': body if isinstance(body, str) else json.dumps(body)})))

    def live(self):
        cadences = self.sim.cadences
        self.say(LIVE, {'t': self.clock.stamp(), 'state': 'running',
                        'cadence_spm': round(sum(cadences) / len(cadences), 1),
                        'heart_rate_bpm': self.sim.heart_rate()})

    def end_session(self):
        self.over = True
        self.say(SESSION, {'state': 'ended', 'distance_m': self.sim.metres() - SPEED}, retained=1)
        self.say(EVENT, {'kind': 'session_end'})
        self.say('response/session', {'status': 'ok', 'error': None})

    def turn(self):
        self.check_children()
        self.clock.ticks += 1
        tenth = self.clock.ticks % 10
        sent = False
        if tenth == 0:
            self.sim.step()
        if tenth == 1:
            sent = self.poll_truth()
        if tenth == 1 and self.sim.packets == 1:
            self.say(EVENT, {'kind': 'session_start'})
        if tenth == 2 and self.sim.packets and not self.over:
            self.live()
        if tenth == 3 and self.asked and not self.over:
            self.end_session()
        self.figures.settle(self.clock.time())
        return sent

    def stop_daemon(self):
        self.say('status', 'offline', retained=1)
        return self.exit_status


class Result:
    def __init__(self, status, text):
        self.status, self.text = status, text
        self.failed = [line[len('FAILED '):] for line in text.splitlines() if line.startswith('FAILED ')]


def changed(topic, how):
    """Spoils what arrives on one topic."""
    return lambda t, body: how(body) if t == topic and body else body


def field(key, how, when=lambda n: True):
    """Spoils one figure of `live`, in those messages that are asked for by their number."""
    count = iter(range(10 ** 6))
    return changed(LIVE, lambda body: {**body, key: how(body[key])} if when(next(count)) else body)


def never(topic, kind=None):
    """What is published there does not come; of events, those of a kind."""
    return lambda t, body: None if t == topic and (not kind or body['kind'] == kind) else body


def far(how):
    return changed(SESSION, lambda body: {**body, 'distance_m': how(body['distance_m'])})


class Checks(unittest.TestCase):
    def demo(self, spoil=as_it_is, retain=1, status=0, prepare=lambda told: None):
        """The exit status of a demo that is told so, and what it wrote."""
        clock, out = Clock(), io.StringIO()
        out.close = lambda: None

        def make(stack, folder):
            told = Told(clock, spoil, retain, status, stack, folder)
            prepare(told)
            return told
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            for target, name, value in (
                    (demo_main, 'Demo', make), (demo_main, 'find_programs', lambda build, daemon: None),
                    (demo_main, 'keep_stderr', lambda folder: None), (demo_main.signals, 'catch', lambda: None),
                    (demo_main.signals, 'ignore', lambda: None), (demo_main.os, 'fdopen', lambda *_, **__: out),
                    (demo_main.os, 'dup', lambda fd: fd), (tempfile, 'mkdtemp', lambda **_: folder),
                    (tempfile, 'tempdir', folder), (demo_main.shutil, 'rmtree', lambda *_, **__: None),
                    (demo_main.time, 'time', clock.time), (demo_main.time, 'monotonic', lambda: clock.now)):
                stack.enter_context(mock.patch.object(target, name, value))
            return Result(demo_main.main(['--seconds', str(SECONDS)]), out.getvalue())

    def test_figures_that_are_right_pass(self):
        for label, spoil in (('as sent', as_it_is),
                             ('within one', field('cadence_spm', lambda v: v + 0.9)),
                             ('within one', field('heart_rate_bpm', lambda v: v - 1)),
                             ('within half a per cent', far(lambda m: m * 1.004)),
                             ('within half a per cent', far(lambda m: m * 0.996))):
            with self.subTest(label):
                result = self.demo(spoil)
                self.assertEqual((result.status, result.failed), (0, []), result.text)
                self.assertIn('ok     cadence: ', result.text)

    def check_fails(self, expected, **how):
        """It ends with 1, and every line that failed is one of the expected."""
        result = self.demo(**how)
        self.assertEqual(result.status, 1, result.text)
        for pattern in expected:
            self.assertTrue([line for line in result.failed if pattern in line], (pattern, result.text))
        for line in result.failed:
            self.assertTrue([p for p in expected if p in line], (line, result.text))

    def test_figures_that_are_wrong_are_said(self):
        one = 100 # of the messages
        rows = (
            ('cadence off by 2', field('cadence_spm', lambda v: v + 2), ['cadence', 'were sent']),
            ('cadence off by 2, once', field('cadence_spm', lambda v: v - 2, lambda n: n == one),
             ['cadence: ', 'cadence at ']),
            ('strides for steps', field('cadence_spm', lambda v: v / 2), ['cadence']),
            ('heart rate off by 2', field('heart_rate_bpm', lambda v: v + 2), ['heart rate', 'were sent']),
            ('heart rate off by 2, once', field('heart_rate_bpm', lambda v: v - 2, lambda n: n == one),
             ['heart rate: ', 'heart rate at ']),
            ('heart rate lost', field('heart_rate_bpm', lambda v: None, lambda n: n == one),
             ['1 lost', 'null, although the sensor sends']),
            ('cadence never there', field('cadence_spm', lambda v: None), ['at least 3 are needed', 'cadence at ']),
            ('distance 1 % more', far(lambda m: m * 1.01), ['distance: ']),
            ('distance 1 % less', far(lambda m: m * 0.99), ['distance: ']),
            ('distance of a tenth', far(lambda m: m / 10), ['distance: ']),
            ('no distance', far(lambda m: None), ['there is no ended session with one']),
        )
        for label, spoil, expected in rows:
            with self.subTest(label):
                self.check_fails(expected, spoil=spoil)

    def test_a_sensor_that_is_silent_has_no_figure(self):
        def silent(told):   # the strap, whose last value stays
            truth = told.sim.truth
            told.sim.truth = lambda name: ({**truth(name), 'sent': {'2a37': min(told.sim.packets, 100)}}
                                           if name == 'strap' else truth(name))
        self.check_fails([' old', 'although the sensor is silent'], prepare=silent)

    def test_what_never_came_is_missed(self):
        count = iter(range(10 ** 6))
        rows = (
            ('live', never(LIVE), ['live: 0 messages', 'at least 3 are needed']),
            ('every tenth live', changed(LIVE, lambda b: None if next(count) % 10 == 5 else b), ['live: ']),
            ('session', never(SESSION), ['distance: there is no ended session', 'session: ended']),
            ('event of the start', never(EVENT, 'session_start'), ['missing: session_start']),
            ('event of the end', never(EVENT, 'session_end'), ['missing: session_end']),
            ('both events', never(EVENT), ['none; missing: session_end, session_start']),
            ('offline', lambda t, body: None if body == 'offline' else body, ['status: online']),
            ('any status', never('status'), ['status: None']),
            ('anything', lambda t, body: None,
             ['at least 3', 'distance: ', 'live: 0', 'missing: ', 'session: ', 'status: ']),
        )
        for label, spoil, expected in rows:
            with self.subTest(label):
                self.check_fails(expected, spoil=spoil)

    def test_what_is_not_retained_is_said(self):
        self.check_fails(['session: ended and retained', 'status: offline'], retain=0)

    def test_a_request_that_is_refused_is_said(self):
        refused = {'status': 'error', 'error': {'message': 'There is no such session'}}
        self.check_fails(['session stop: There is no such session'],
                         spoil=changed('response/session', lambda body: refused))

    def test_children_that_fail_end_it(self):
        def crashed(told):
            process = types.SimpleNamespace(returncode=-11)
            told.children['strided'] = types.SimpleNamespace(alive=lambda: told.clock.now < 50, process=process)
        self.check_fails(['strided ended by itself (status -11)'], prepare=crashed)
        self.check_fails(['strided ended with status 1 on SIGTERM'], status=1)
        self.check_fails(['nothing is left running but %d' % os.getpgrp()],
                         prepare=lambda told: told.pids.append(os.getpgrp()))


if __name__ == '__main__':
    unittest.main(verbosity=2)
