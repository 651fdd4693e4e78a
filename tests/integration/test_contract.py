#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Everything that is published in a session of two runners and a belt, held against the contract.

One recording of the broker's traffic (a stop, a restart, a lost sensor, a killed daemon) is made once
and judged by many tests; the schemas are those the build made.
"""
import copy
import datetime
import glob
import json
import os
import re
import signal
import subprocess
import sys
import unittest

import jsonschema

from harness import wait_until
from files import DAY, gpx
from world import PATIENCE, World, run_tests

RUNNERS = """[HomeAssistant]
Discovery=yes
[Runner anna]
Sex=female
BirthYear=1990
MaxHeartRate=190
RestHeartRate=50
[Runner bert]
Sex=male
BirthYear=1985
MaxHeartRate=185
RestHeartRate=55
PublishHeartRate=no
"""
SENSORS = (('pod-a', 'pod', 'anna', 'steady,also=power,also=temperature'),
           ('strap-a', 'strap', 'anna', 'steady'),
           ('pod-b', 'pod', 'bert', 'steady'), ('strap-b', 'strap', 'bert', 'steady'),
           ('belt', 'belt', 'auto', 'steady'))
CONFIG = RUNNERS + ''.join(
    '[Sensor %s]\nAddress=C0:DE:00:00:00:%02X\nRunner=%s\nGrace=0s\n' % (name, i + 1, runner)
    for i, (name, kind, runner, _) in enumerate(SENSORS))
SIM = ['%s:%s:C0:DE:00:00:00:%02X:scenario=%s' % (kind, name, i + 1, scenario)
       for i, (name, kind, _, scenario) in enumerate(SENSORS)]
RATE = 15

# topic below strided/hall/: schema, QoS, retained, expiry
CONTRACT = (
    (r'status', None, 1, True, None),
    (r'info', 'info', 1, True, None),
    (r'health', 'health', 0, False, None),
    (r'sensor/[^/]+', 'sensor', 1, True, None),
    (r'runner/[^/]+/live', 'live', 0, False, 10),
    (r'runner/[^/]+/now', 'live', 0, False, 60),
    (r'runner/[^/]+/session', 'session', 1, True, None),
    (r'runner/[^/]+/week', 'week', 1, True, None),
    (r'runner/[^/]+/note', 'note', 1, True, None),
    (r'runner/[^/]+/alert/[^/]+', 'alert', 1, True, None),
    (r'runner/[^/]+/event', 'event', 1, False, None),
    (r'response/[^/]+', 'response', 1, False, None),
)
# The body of an event, by its kind
BODIES = {'alert': 'notice', 'session_start': 'session', 'session_end': 'session', 'import': 'import'}
HEART_LIVE = ('heart_rate_bpm', 'heart_rate_reserve_pct', 'zone', 'trimp', 'edwards',
              'rr_artefact_pct', 'dfa_alpha1')
HEART_SESSION = ('heart_rate_mean_bpm', 'heart_rate_max_bpm', 'trimp', 'edwards')
INSTANTANEOUS = ('speed_m_s', 'pace_s_per_km', 'cadence_spm', 'step_length_m', 'heart_rate_bpm',
                 'heart_rate_reserve_pct', 'zone', 'grade_pct', 'power_w', 'temperature_c')
TOTALS = ('elapsed_s', 'moving_s', 'distance_m', 'steps', 'trimp', 'edwards', 'ascent_m',
          'downhill_drop_m')


def row_of(topic):
    tail = topic[len('strided/hall/'):]
    for row in CONTRACT:
        if re.fullmatch(row[0], tail):
            return row
    return None


def numbers(value):
    """Every key of a payload with its kind of value, nested ones with their path."""
    keys = set()
    for key, inner in value.items():
        keys.add(key)
        if isinstance(inner, dict):
            keys |= {key + '.' + k for k in numbers(inner)}
    return keys


class Traffic:
    """Plays the story once; `messages` is all of it in order."""

    def __init__(self):
        with World(CONFIG, SIM, clock=RATE) as self.world:
            self.play(self.world)

    def play(self, world):
        everything = world.subscribe('#')
        world.start()
        for runner in ('anna', 'bert'):
            everything.wait('runner/%s/live' % runner)
        everything.wait('runner/anna/live', lambda m: m.json['heart_rate_bpm'])
        since = everything.mark()
        world.sim.ctl('vanish pod-a 30')
        everything.wait('sensor/pod-a', lambda m: m.json['state'] != 'streaming', since=since)
        everything.wait('sensor/pod-a', lambda m: m.json['state'] == 'streaming', since=everything.mark())
        world.sim.ctl('malformed strap-a 3')
        everything.wait('sensor/strap-a', lambda m: (m.json['malformed'] or 0) >= 3)
        world.publish('strided/hall/request/status', '')
        everything.wait('response/status')
        self.status = everything.all('response/status')[-1].json
        world.publish('strided/hall/request/session', '{"do":"stop","runner":"bert"}')
        everything.wait('runner/bert/event', lambda m: m.json['kind'] == 'session_end')
        everything.wait('runner/bert/session', lambda m: m.json['state'] == 'ended')
        self.exit_status = world.daemon.end(signal.SIGTERM)
        everything.wait('hall/status', lambda m: m.text == 'offline')
        self.after_stop = everything.mark()
        world.start()
        everything.wait('hall/status', lambda m: m.text == 'online', since=self.after_stop)
        everything.wait('runner/anna/live', since=self.after_stop)
        self.before_kill = everything.mark()
        world.daemon.end(signal.SIGKILL)
        everything.wait('hall/status', lambda m: m.text == 'offline', since=self.before_kill)
        last = everything.mark()
        world.start()
        everything.wait('runner/anna/live', since=last)
        world.publish('strided/hall/request/session', '{"do":"discard","runner":"anna"}')
        everything.wait('response/session', since=last)
        world.publish('strided/hall/request/session', '{"do":"stop","runner":"anna"}')
        everything.wait('runner/anna/event', lambda m: m.json['kind'] == 'session_end', since=last)
        everything.wait('runner/anna/now', lambda m: m.json['state'] == 'ended', since=last)
        world.daemon.end(signal.SIGTERM)
        everything.catch_up()
        kept = world.subscribe('#')
        kept.catch_up()
        self.retained = kept.all('^strided/')
        self.messages = everything.all()
        self.killed = everything.all('hall/status', since=self.before_kill)


def read_schemas():
    validators = {}
    for path in glob.glob(os.path.join(os.environ['STRIDED_SCHEMAS'], '*.schema.json')):
        with open(path) as f:
            schema = json.load(f)
        cls = jsonschema.validators.validator_for(schema)
        cls.check_schema(schema)
        validators[os.path.basename(path)[:-len('.schema.json')]] = cls(schema)
    return validators


def setUpModule():
    global traffic, schemas
    schemas = read_schemas()
    traffic = Traffic()


def errors_of_event(event):
    """Of the event and of its body."""
    return [e.message for e in schemas['event'].iter_errors(event)] + \
           [e.message for e in schemas[BODIES[event['kind']]].iter_errors(event['body'])]


class Contract(unittest.TestCase):
    def ours(self, pattern=''):
        return [m for m in traffic.messages if m.topic.startswith('strided/hall/') and
                '/request/' not in m.topic and re.search(pattern, m.topic)]

    def test_every_message_is_on_a_topic_of_the_table_and_validates(self):
        seen = set()
        for m in self.ours():
            row = row_of(m.topic)
            self.assertIsNotNone(row, m.topic)
            seen.add(row[0])
            if row[1]:
                errors = [e.message for e in schemas[row[1]].iter_errors(m.json)]
                self.assertEqual(errors, [], m)
            else:
                self.assertIn(m.text, ('online', 'offline'))
        self.assertEqual(seen, {row[0] for row in CONTRACT})

    def test_the_body_of_every_event_validates(self):
        events = [m.json for m in self.ours('/event$')]
        self.assertEqual({e['kind'] for e in events}, {'session_start', 'session_end'})
        for event in events:
            self.assertEqual(errors_of_event(event), [], event)

    def test_quality_retained_and_expiry_are_those_of_the_table(self):
        for m in self.ours():
            _, _, qos, retained, expiry = row_of(m.topic)
            self.assertEqual((m.qos, m.retain), (qos, retained), m)
            if expiry:
                self.assertIsNotNone(m.expiry, m)
                self.assertTrue(expiry - 2 <= m.expiry <= expiry, (m, m.expiry))
            else:
                self.assertIsNone(m.expiry, m)

    def test_the_keys_of_a_topic_never_change(self):
        keys = {}
        for m in self.ours('^(?!.*/status$)'):
            mine = numbers(m.json)
            kind = row_of(m.topic)[1]
            if kind == 'health':
                mine = {k for k in mine if not k.startswith('signal_dbm.')}
            if kind in ('event', 'response'): # what is inside is the fact's own
                mine = {k for k in mine if '.' not in k}
            self.assertEqual(keys.setdefault(kind, mine), mine, m)

    def test_a_runner_who_keeps_the_heart_private_shows_none_of_it(self):
        shown = self.ours('runner/bert/(live|now)')
        self.assertGreater(len(shown), 20)
        for m in shown:
            self.assertEqual({k: m.json[k] for k in HEART_LIVE if m.json[k] is not None}, {})
            self.assertIsNone(m.json['source']['heart_rate'])
        sessions = [m.json for m in self.ours('runner/bert/session')]
        events = [m.json['body'] for m in self.ours('runner/bert/event')]
        answered = [s for s in traffic.status['data']['sessions'] if s['runner'] == 'bert']
        self.assertTrue(sessions and len(events) >= 2 and len(answered) == 1)
        for body in sessions + events + answered:
            self.assertEqual({k: body[k] for k in HEART_SESSION if body[k] is not None}, {})
            self.assertEqual(body['zone_s'], [None] * 5)
            self.assertIsNone(body['source']['heart_rate'])

    def test_the_other_runners_heart_is_shown(self):
        self.assertTrue(any(m.json['heart_rate_bpm'] and m.json['trimp'] for m in
                            self.ours('runner/anna/live')))
        ended = [m.json['body'] for m in self.ours('runner/anna/event') if m.json['kind'] == 'session_end']
        self.assertTrue(ended[-1]['heart_rate_mean_bpm'])

    def test_power_and_temperature_are_those_of_the_runner_who_has_a_sensor_for_them(self):
        for key in 'power_w', 'temperature_c':
            self.assertTrue([m for m in self.ours('runner/anna/live') if m.json[key] is not None], key)
            self.assertEqual([m for m in self.ours('runner/bert/live') if m.json[key] is not None], [])

    def test_discovery_names_no_heart_entity_of_the_private_runner(self):
        for runner, count in (('anna', True), ('bert', False)):
            found = [m for m in traffic.messages if m.topic.startswith('homeassistant/device/') and
                     m.topic.endswith('runner_%s/config' % runner)]
            self.assertTrue(found)
            for m in found:
                templates = [c.get('val_tpl', '') for c in m.json['cmps'].values()]
                heart = [t for t in templates if re.search('heart_rate|zone|trimp|edwards|rr_|dfa', t)]
                self.assertEqual(bool(heart), count, (m.topic, heart))

    def seconds(self, pattern):
        """The times of the messages of one session, in its own seconds; not its last, which comes
        with its end, whenever that is."""
        return [m.json['elapsed_s'] for m in self.ours(pattern)
                if m.json['elapsed_s'] is not None and m.json['state'] != 'ended']

    def test_live_comes_each_second_and_now_each_tenth(self):
        # QoS 0 at fifteen times the speed of life: a busy machine runs late, so a share may
        for what, step in (('live', 1), ('now', 10)):
            at = self.seconds('runner/bert/' + what)
            gaps = [b - a for a, b in zip(at, at[1:])]
            fit = [g for g in gaps if abs(g - step) <= 0.3 * step + 0.2]
            self.assertGreater(len(fit), 0.7 * len(gaps), (what, gaps))
            self.assertGreater(sum(gaps) / len(gaps), 0.9 * step)

    def test_the_last_now_of_a_session_has_its_totals_and_nothing_of_the_moment(self):
        for runner in ('anna', 'bert'):
            last = [m for m in self.ours('runner/%s/now' % runner) if m.json['state'] == 'ended']
            self.assertEqual(len(last), 1)
            self.assertEqual(self.ours('runner/%s/now' % runner)[-1].text, last[0].text)
            self.assertEqual({k: last[0].json[k] for k in INSTANTANEOUS if last[0].json[k] is not None},
                             {})
            body = [m for m in self.ours('runner/%s/event' % runner)
                    if m.json['kind'] == 'session_end'][-1].json['body']
            self.assertEqual((last[0].json['session'], last[0].json['source']),
                             (body['id'], body['source']))
            self.assertEqual({k: last[0].json[k] for k in TOTALS}, {k: body[k] for k in TOTALS})
            self.assertGreater(last[0].json['distance_m'] or last[0].json['trimp'], 0)
            self.assertEqual([m for m in self.ours('runner/%s/live' % runner)
                              if m.json['state'] == 'ended'], [])

    def test_sigterm_says_offline_and_exits_with_nothing(self):
        self.assertEqual(traffic.exit_status, 0)
        texts = [m.text for m in self.ours('hall/status')]
        self.assertEqual(texts, ['online', 'offline', 'online', 'offline', 'online', 'offline'])

    def test_a_killed_daemon_is_said_to_be_offline_by_the_broker(self):
        self.assertEqual([m.text for m in traffic.killed][:2], ['offline', 'online'])

    def test_a_session_goes_on_over_the_restarts_with_one_start_and_one_end(self):
        for runner in ('anna', 'bert'):
            events = [m.json for m in self.ours('runner/%s/event' % runner)]
            by_id = {e['id']: e for e in events}
            self.assertEqual(sorted(e['kind'] for e in by_id.values()),
                             ['session_end', 'session_start'])
        start, end = (next(m.json['body'] for m in self.ours('runner/anna/event')
                           if m.json['kind'] == kind) for kind in ('session_start', 'session_end'))
        self.assertEqual((start['id'], start['start']), (end['id'], end['start']))

    def test_info_names_the_machine_and_what_is_configured(self):
        info = self.ours('hall/info')[-1].json
        self.assertRegex(info['machine'], '^[0-9a-f]{32}$')
        self.assertEqual(info['runners'], ['anna', 'bert'])
        self.assertEqual(info['sensors'], [s[0] for s in SENSORS])
        self.assertEqual(len({m.json['machine'] for m in self.ours('hall/info')}), 1)

    def test_a_lost_sensor_and_its_bad_packets_stand_in_its_topic(self):
        states = [m.json for m in self.ours('sensor/pod-a')]
        self.assertTrue(any(s['drops'] for s in states))
        self.assertEqual(max(m.json['malformed'] or 0 for m in self.ours('sensor/strap-a')), 3)
        self.assertEqual({m.json['cadence_unit'] for m in self.ours('sensor/pod-a')} -
                         {None, 'strides'}, set())
        self.assertEqual(states[-1]['cadence_unit'], 'strides')

    def test_the_forbidden_word_left_the_session_open(self):
        refused = [m.json for m in self.ours('response/session') if m.json['status'] == 'error']
        self.assertEqual([r['error']['code'] for r in refused], ['forbidden'])

    def test_what_is_retained_at_the_end_is_the_last_word_of_each_topic(self):
        last = {m.topic: m.text for m in self.ours() if m.retain}
        kept = {m.topic: m.text for m in traffic.retained}
        self.assertEqual(kept, last)

    def test_home_assistant_takes_what_is_discovered(self):
        root = os.environ['STRIDED_SOURCE_ROOT']
        shared = os.environ.get('STRIDED_SHARED') or os.path.join(root, '..', 'shared')
        check = os.path.join(shared, 'tools', 'ha-check')
        if not os.path.exists(check):
            self.skipTest('skipped: %s is not there' % check)
        lines = ''.join('%s %s\n' % (m.topic, m.text) for m in traffic.messages
                        if m.topic.startswith(('homeassistant/', 'strided/')) and m.text and
                        '/request/' not in m.topic)
        done = subprocess.run([sys.executable, check], input=lines, text=True, capture_output=True,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, (done.stdout[:2000], done.stderr[:500]))
        self.assertRegex(done.stdout, r'[1-9]\d* payloads, .* 0 problems')


class Files(unittest.TestCase):
    """What is told of files, of each kind there is."""

    def test_the_verdicts_on_files_validate(self):
        half = gpx(DAY, heart=120)
        refused = b'This is no run.'
        with World('[Import]\nFolder=@FOLDER@\n[Runner anna]\n', clock=10) as world:
            folder = os.path.join(world.folder, 'import')
            os.mkdir(folder)
            world.write_config(world.config_text.replace('@FOLDER@', folder))
            heard = world.subscribe('strided/hall/runner/anna/event')
            world.start()
            told = []
            for name, data in (('plain.gpx', gpx(DAY)), ('better.gpx', half), ('walk.gpx', gpx(
                    DAY + datetime.timedelta(days=1), sport='walking')), ('cut.gpx', half[:len(half) // 2]),
                               ('note.fit', refused)):
                with open(os.path.join(folder, '.' + name), 'wb') as f:
                    f.write(data)
                os.rename(f.name, os.path.join(folder, name))
                told.append(heard.wait('/event$', lambda m: m.json['body'].get('file') == name).json)
        for event in told:
            self.assertEqual(errors_of_event(event), [], event)
        bodies = {e['body']['file']: e['body'] for e in told}
        self.assertEqual({name: b['verdict'] for name, b in bodies.items()},
                         {'plain.gpx': 'imported', 'better.gpx': 'imported', 'walk.gpx': 'imported',
                          'cut.gpx': 'partly', 'note.fit': 'refused'})
        first, better = (bodies[name]['sessions'][0] for name in ('plain.gpx', 'better.gpx'))
        self.assertEqual(bodies['better.gpx']['changed'],
                         [{'id': first['id'], 'counts': False, 'instead': better['id']}])
        self.assertEqual([s['counts'] for b in bodies.values() for s in b['sessions']],
                         [True, True, True, False])  # the cut one is the same run
        self.assertEqual(bodies['cut.gpx']['sessions'][0]['instead'], better['id'])
        for wrong in (None, 0, 'true'):  # and the schema would notice
            event = copy.deepcopy(told[0])
            event['body']['sessions'][0]['counts'] = wrong
            self.assertEqual(len(errors_of_event(event)), 1, wrong)


class Rival(unittest.TestCase):
    """Another machine of the same name: its `info` is retained, and its `health` is heard."""
    INFO = json.dumps({'version': '0.1.0', 'machine': '0' * 32, 'runners': [], 'sensors': []})

    def test_the_name_is_left_to_a_gateway_that_speaks(self):
        with World(RUNNERS, clock=10) as world:
            world.publish('strided/hall/info', self.INFO, '-r')
            everything = world.subscribe('strided/#')
            since = everything.mark()
            with world.at_rate(1): # three seconds it listens who is there, which a busy broker may need
                world.start()
                world.daemon.wait_log('machine 00000000 used the gateway name')
                # again and again, as a gateway does: the daemon may have asked for the first topic only by now
                wait_until(lambda: world.publish('strided/hall/health', '{}') or
                           world.daemon.logged("is called 'hall' too: nothing is published"),
                           PATIENCE, 'the other gateway to be heard', 0.05)
            world.wait_control()
            self.assertIn("is called 'hall' too", ' '.join(world.problems()))
            world.publish('strided/hall/request/status', '')
            self.assertEqual(world.daemon.end(signal.SIGTERM), 0)
            heard = everything.all(since=since)
            self.assertEqual([m for m in heard if '/request/' not in m.topic and m.text not in
                              ('{}', 'offline') and m.text != self.INFO], [])

    def test_the_name_of_a_silent_one_is_taken_over(self):
        with World(RUNNERS, clock=60) as world:
            world.publish('strided/hall/info', self.INFO, '-r')
            everything = world.subscribe('strided/#')
            with world.at_rate(1):
                world.start()
                world.daemon.wait_log('machine 00000000 used the gateway name')
            world.daemon.wait_log("took over the gateway name 'hall'")
            online = everything.wait('hall/status', lambda m: m.text == 'online')
            mine = everything.wait('hall/info', lambda m: m.json['machine'] != '0' * 32).json
            self.assertEqual(mine['runners'], ['anna', 'bert'])
            self.assertTrue(online.retain)

    def test_what_one_said_that_yields_is_overwritten_and_cleared(self):
        """Both found nobody there, and began at once: the other, of the greater id, has told all of its own."""
        with World(RUNNERS, clock=10) as world:
            everything = world.subscribe('strided/#')
            world.start_ready()
            everything.wait('hall/status', lambda m: m.text == 'online')
            everything.wait('anna/week', lambda m: m.text)
            everything.catch_up()
            since = everything.mark()
            world.publish('strided/hall/info', self.INFO.replace('0' * 32, 'z' * 32), '-r')
            for theirs in ('runner/anna/week', 'sensor/theirs', 'runner/carla/week'):
                world.publish('strided/hall/' + theirs, '{"of": "z"}', '-r')
            everything.wait('hall/info', lambda m: m.json['machine'] != 'z' * 32, since=since)
            everything.wait('anna/week', lambda m: m.text and 'measures' in m.json, since=since)
            for cleared in ('hall/sensor/theirs', 'carla/week'):
                everything.wait(cleared, lambda m: not m.text, since=since)
            self.assertEqual(world.problems(), [])
            world.stop()


if __name__ == '__main__':
    run_tests()
