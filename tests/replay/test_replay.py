#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""strided-replay: the messages of a recording, a copy for others, and what it says of files that are none."""
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from datetime import datetime

import jsonschema

PROGRAM = os.path.abspath(sys.argv.pop(1)) # an argument: for one of another architecture meson names the emulator
RECORDINGS = os.environ['STRIDED_RECORDINGS']
STORIES = sorted(name[:-4] for name in os.listdir(RECORDINGS) if name.endswith('.rec'))
DAMAGED = {'rotten_head', 'torn'}


def story(name):
    return os.path.join(RECORDINGS, name + '.rec')


def replay(*words):
    done = subprocess.run([*shlex.split(os.environ.get('MESON_EXE_WRAPPER', '')), PROGRAM, *words],
                          capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def messages(out):
    """[(topic below the gateway, body)]"""
    return [(topic, json.loads(body)) for topic, body in (line.split(' ', 1) for line in out.splitlines())]


def validator(kind):
    with open(os.path.join(os.environ['STRIDED_SCHEMAS'], kind + '.schema.json')) as f:
        return jsonschema.Draft202012Validator(json.load(f))


class Replay(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'wb') as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def lines(self, name):
        with open(story(name)) as f:
            return f.read().splitlines()

    # ---- the messages ----

    def test_each_message_is_as_it_is_published(self):
        schemas = {kind: validator(kind) for kind in ('live', 'session', 'event', 'sensor')}
        self.assertGreater(len(STORIES), 12)
        for name in STORIES:
            with self.subTest(name):
                status, out, err = replay('--gateway', 'hall', '--every', '60', story(name))
                self.assertEqual(status, 1 if name in DAMAGED else 0, err)
                told = messages(out)
                for topic, body in told:
                    kind = 'sensor' if '/sensor/' in topic else topic.rpartition('/')[2]
                    schemas[kind].validate(body)
                    self.assertRegex(topic, r'^strided/hall/(runner/anna/(live|session|event)|sensor/(pod|strap|belt|air))$')
                kinds = [body['kind'] for topic, body in told if topic.endswith('/event')]
                self.assertEqual(kinds, ['session_start', 'session_end'])
                session = [body for topic, body in told if topic.endswith('/session')]
                self.assertEqual((session[0]['state'], session[-1]['state'], session[-1]['id']), ('running', 'ended', name))
                # what the text form says of its end is what is published
                text = replay('--text', story(name))[1].splitlines()[-1]
                for key in ('distance_m', 'steps', 'moving_s', 'trimp', 'downhill_drop_m'):
                    found = re.search(r' %s=(\S+)' % key, text)
                    self.assertEqual(session[-1][key], float(found.group(1)) if found else None, key)

    def test_live_as_often_as_is_wanted(self):
        for seconds in (1, 10, 60, 3600):
            out = replay('--every', str(seconds), story('steady'))[1]
            live = [body for topic, body in messages(out) if topic.endswith('/live')]
            times = [datetime.fromisoformat(body['t'].replace('Z', '+00:00')) for body in live]
            self.assertEqual(len(live), 600 // seconds, seconds)
            self.assertEqual({(b - a).total_seconds() for a, b in zip(times, times[1:])}, {seconds} if len(live) > 1 else set())

    def test_a_session_is_said_each_minute_and_when_it_pauses(self):
        told = [body for topic, body in messages(replay(story('pause'))[1]) if topic.endswith('/session')]
        states = [body['state'] for body in told]
        self.assertIn('paused', states)
        self.assertEqual(states[states.index('paused'):][-2:], ['running', 'ended'])
        self.assertGreaterEqual(len(told), 720 // 60)

    def test_several_files(self):
        status, out, err = replay(story('steady'), story('walk'))
        self.assertEqual(status, 0)
        self.assertEqual([b['kind'] for t, b in messages(out) if t.endswith('/session') and b['state'] == 'ended'],
                         ['run', 'walk'])

    def test_in_what_was_recorded_outside_a_session_one_is_found(self):
        raw = self.file('raw.rec', '\n'.join(line for line in self.lines('steady') if line[0] not in 'GE') + '\n')
        status, out, err = replay(raw)
        self.assertEqual((status, err), (0, ''))
        told = [body for topic, body in messages(out) if topic.endswith('/session')]
        self.assertEqual((told[0]['start'], told[-1]['state'], told[-1]['distance_m'], told[-1]['steps']),
                         ('2026-11-21T00:40:00Z', 'running', 1800.0, 1720))
        # two runners, each with a sensor of their own
        lines = []
        for line in self.lines('steady'):
            if line.startswith('S 1 '):
                lines.append('R ben - 0 188 52 - -')
            if line[0] not in 'GE':
                lines.append(line)
        status, out, err = replay(self.file('two.rec', '\n'.join(lines) + '\n'))
        kinds = {body['runner']: body['kind'] for topic, body in messages(out) if topic.endswith('/session')}
        self.assertEqual(kinds, {'anna': 'run', 'ben': 'heart_rate'})

    def test_where_nobody_runs_the_sensors_are_told_and_that(self):
        lines = [line for line in self.lines('steady') if line[0] not in 'GEN']
        status, out, err = replay(self.file('still.rec', '\n'.join(lines) + '\n'))
        self.assertEqual(status, 0)
        self.assertEqual([(topic, body['state'], body['last_seen']) for topic, body in messages(out)],
                         [('strided/replay/sensor/pod', 'absent', None), ('strided/replay/sensor/strap', 'absent', None)])
        self.assertIn('still.rec: nobody ran in it', err)

    def test_a_sensor_that_drops_and_is_not_understood_is_told(self):
        lines = [line for line in self.lines('steady') if line[0] not in 'GEN']
        t = 101
        for word in ('L %d000000 0 up', 'N %d000000 0 2a53 060003ac00000000', 'N %d000000 0 2a53 06',
                     'L %d000000 0 down', 'L %d000000 0 up', 'L %d000000 0 down'):
            lines.append(word % t)
            t += 1
        path = self.file('trouble.rec', '\n'.join(lines) + '\n')
        for path in (path, self.anonymous(path)[0]):
            pod = [body for topic, body in messages(replay(path)[1]) if topic.endswith(('/pod', '/sensor-1'))]
            self.assertEqual([body['state'] for body in pod], ['streaming', 'absent', 'streaming', 'absent', 'absent'])
            self.assertEqual((pod[-1]['drops'], pod[-1]['malformed'], pod[-1]['kind']), (2, 1, 'pod'))
            self.assertIn('malformed=1', replay('--text', path)[1])

    def test_nobodys_session_is_not_published(self):
        text = '\n'.join(self.lines('steady')).replace('R anna', 'R -') + '\n'
        status, out, err = replay(self.file('whose.rec', text))
        self.assertEqual(status, 0)
        self.assertEqual({(topic.split('/')[2], body['runner']) for topic, body in messages(out)}, {('sensor', None)})
        self.assertIn("is nobody's", err)

    # ---- a copy for others ----

    def anonymous(self, path, *words):
        copy = os.path.join(self.folder, 'copy.rec')
        if os.path.exists(copy):
            os.unlink(copy)
        status, out, err = replay('--anonymous', copy, *words, path)
        self.assertEqual(out, '')
        with open(copy) as f:
            return copy, f.read()

    def test_a_copy_says_the_same_run_and_not_whose_or_when(self):
        for name in STORIES:
            with self.subTest(name):
                copy, text = self.anonymous(story(name))
                for word in ('anna', 'C0:DE', ' pod ', ' strap ', ' belt ', '0123456789abcdef', 'fedcba', '1795221'):
                    self.assertNotIn(word, text)
                status, out, err = replay('--text', copy)
                self.assertEqual((status, err), (0, ''))
                before = [line for line in replay('--text', story(name))[1].splitlines() if not line.startswith('unread')]
                if name == 'down_a_route':  # its lowest place is at 0: a last digit may differ
                    self.assertEqual(len(out.splitlines()), len(before))
                    continue
                start = re.search(r'start=(\d+)', before[-1]).group(1)
                shift = 1577880000 - 1795221600
                before[-1] = re.sub(r'(start|end)=(\d+)', lambda m: '%s=%d' % (m[1], int(m[2]) + shift), before[-1])
                self.assertTrue(start)
                before = [re.sub(r'^sensor name=\w+', 'sensor', line.replace('=anna', '=runner-1')) for line in before]
                self.assertEqual([re.sub(r'^sensor name=sensor-\d', 'sensor', line) for line in out.splitlines()], before)

    def test_nothing_of_a_person_is_left(self):
        lines = ['strided-recording 1 plain', '# of Anna Smith, at home',
                 'A 0123456789abcdef0123456789abcdef 100000000 1795221600000000 synced',
                 'R anna female 1980 0 52 57.5 -', 'S 0 annas-pod C0:DE:AA:BB:CC:DD auto 1 -',
                 'S 3 annas-watch C0:DE:AA:BB:CC:DE auto 1 s', 'G 100000000 Anna said so',
                 'Z anna 1795221600 7200', 'H 100000000 0:812.5 1000:790',
                 'N 100000000 0 2a53 060003ac00000000', 'N 100500000 3 2a37 0096', 'N 100600000 0 2a67 0400d2029649b7ee0f0d',
                 'N 100700000 0 2a68 00001234', 'N 100800000 0 2acd 000184035d', 'U 101000000 0 steps as Anna had it', 'J 101000000 20261121T004000Z-1 1',
                 'L 101000000 0 up', 'M 101000000 20261121T004000Z-1', 'N 102000000 0 2a53 060003ac1e000000',
                 'E 103000000 told Anna went home']
        path = self.file('home.rec', '\n'.join(lines) + '\n')
        _, text = self.anonymous(path)
        for word in ('nna', 'AA:BB', '1980', '57.5', '7200', '2a67', '2a68', '812', '790', '20261121', 'home', 'watch', '1795221'):
            self.assertNotIn(word, text)
        said = [line.rpartition(' *')[0] for line in text.splitlines()[1:]]
        # her highest heart rate was an estimate, 208 - 0.7 * 46: the zones stay where they were
        self.assertIn('R runner-1 female 0 176 52 - -', said)
        self.assertIn('S 3 sensor-4 02:00:00:00:00:04 auto 1 s', said)
        self.assertIn('H 100000000 0:22.5 1000:0', said)
        self.assertIn('Z runner-1 1577880000 0', said)
        self.assertIn('N 100500000 3 2a37 0096', said)
        _, text = self.anonymous(path, '--drop-heart')
        self.assertNotIn('2a37', text)
        self.assertIn('N 100800000 0 2acd 00018403ff', text)  # the pulse that the handle bar felt
        self.assertIn('R runner-1 - 0 0 0 - -', text)

    def test_a_copy_takes_no_files_place(self):
        taken = self.file('taken.rec', 'mine')
        status, out, err = replay('--anonymous', taken, story('walk'))
        self.assertEqual(status, 1)
        self.assertIn('there is such a file', err)
        with open(taken) as f:
            self.assertEqual(f.read(), 'mine')

    # ---- files that are none ----

    def test_what_is_wrong_with_a_file_is_said_with_its_line(self):
        cases = (
            ('/nonexistent.rec', 'No such file or directory'),
            (self.folder, 'Is a directory|no regular file'),
            (self.file('empty.rec', ''), 'this is no recording'),
            (self.file('letter.rec', 'Dear Anna,\nyours\n'), 'this is no recording'),
            (self.file('bytes.rec', bytes(range(256)) * 40), 'this is no recording'),
        )
        for path, what in cases:
            with self.subTest(path):
                status, out, err = replay(path)
                self.assertEqual((status, out), (1, ''))
                self.assertRegex(err, r'^strided-replay: %s: .*(%s)' % (re.escape(path), what))
        lines = self.lines('walk')
        lines[9] = lines[9][:6]
        status, out, err = replay(self.file('cut.rec', '\n'.join(lines) + '\n'))
        self.assertEqual(status, 1)
        self.assertRegex(err, r'cut\.rec:10: not a line of this version')
        self.assertIn('"state":"ended"', out)
        # of a recording of our own each line has its sum
        copy, text = self.anonymous(story('walk'))
        rotten = text.replace('2a53 06', '2a53 07', 1)
        number = text[:text.index('2a53 06')].count('\n') + 1
        status, out, err = replay(self.file('rotten.rec', rotten))
        self.assertEqual(status, 1)
        self.assertIn('rotten.rec:%d: torn or rotten' % number, err)

    def test_wrong_use(self):
        for words, what in (((), 'which recording'), (('--every', '0', 'x'), '1 to 3600'), (('--every', 'x', 'x'), '1 to 3600'),
                            (('--gateway', 'a/b', 'x'), 'a-z'), (('--drop-heart', 'x'), '--anonymous'),
                            (('--anonymous', 'o', 'a', 'b'), 'one recording'), (('--nonsense',), 'Usage')):
            with self.subTest(words):
                status, out, err = replay(*words)
                self.assertEqual((status, out), (2, ''))
                self.assertIn(what, err)
        self.assertEqual(replay('--help')[0], 0)
        self.assertRegex(replay('--version')[1], r'^strided-replay \d')


if __name__ == '__main__':
    unittest.main()
