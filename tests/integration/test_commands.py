#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every verb through each of its three doors: MQTT, D-Bus and stridectl.

What may not be asked is made from the command table itself (command_rows), so that a new verb is
tested the day it gets its row.
"""
import asyncio
import glob
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import unittest

from dbus_fast import BusType, Message, Variant
from dbus_fast.aio import MessageBus
from harness import find_program
from world import PATIENCE, World, run_tests, wait_until

CONFIG = """[Runner anna]
MaxHeartRate=190
[Runner bert]
[Sensor pod]
Address=C0:DE:00:00:00:01
Runner=anna
Grace=0s
[Sensor strap]
Address=C0:DE:00:00:00:02
Runner=bert
"""
SIM = ['pod:POD:C0:DE:00:00:00:01:scenario=idle,awake', 'strap:STRAP:C0:DE:00:00:00:02:scenario=idle',
       'pod:STRANGER:C0:DE:00:00:00:03:scenario=idle,awake']
WATCH = 'C0:DE:00:00:00:09' # nobody hears it
NAME, PATH, INTERFACE = 'org.strided1', '/org/strided1', 'org.strided1.Gateway'


def load_table(*words):
    return json.loads(subprocess.run([find_program('command_rows', 'STRIDED_COMMAND_ROWS'), *words],
                                     capture_output=True, check=True, timeout=PATIENCE).stdout)


TABLE = load_table()
OWN = load_table('own') # which stridectl does itself


def a_value(argument):
    """A value that its row allows."""
    return {'word': lambda: argument['words'][0], 'text': lambda: 'x' * int(argument['min']),
            'integer': lambda: int(argument['min']), 'number': lambda: argument['min'],
            'day': lambda: '2026-02-28', 'flag': lambda: True}[argument['type']]()


def bad_values(argument):
    """Values that its row does not allow."""
    values = [[], {}, [a_value(argument)]]
    if argument['type'] != 'flag':
        values.append(True)
    if not argument['nullable']:
        values.append(None)
    if argument['type'] == 'word':
        values += [5, '', 'no-such-word', argument['words'][0].upper()]
    elif argument['type'] == 'text':
        values += [5, 'x' * (int(argument['max']) + 1)]
        if argument['min'] > 0:
            values.append('x' * (int(argument['min']) - 1))
    elif argument['type'] == 'day':
        values += [20260228, '', '2026-02-30', '2026-2-28', '2026-02-28T00:00:00Z', '28.02.2026']
    elif argument['type'] == 'flag':
        values += [0, 1, 'true', '']
    else:
        values += ['5', argument['min'] - 1, argument['max'] + 1, -1e300]
        if argument['type'] == 'integer':
            values.append(argument['min'] + 0.5)
    return values


def bad_requests(verb, table=None):
    """(what it is, payload, code, argument) of one verb, from its row."""
    arguments = (table or TABLE)[verb]['arguments']
    whole = {a['name']: a_value(a) for a in arguments if a['required'] and not a['with']}
    yield 'an argument too many', {**whole, 'no_such': 1}, 'unknown_argument', 'no_such'
    yield 'a long name in letters of two bytes', {**whole, 'é' * 30 + 'x': 1}, 'unknown_argument', 'é' * 15
    for a in arguments:
        whole = {b['name']: a['with'][0] if b['name'] == 'do' and a['with'] else a_value(b) for b in arguments
                 if b['required'] and (not b['with'] or (a['with'] or arguments[0]['words'])[0] in b['with'])}
        for what in set(arguments[0]['words']) - set(a['with'] or arguments[0]['words']):
            yield '%s with do=%s' % (a['name'], what), \
                {**{b['name']: a_value(b) for b in arguments if b['required'] and (not b['with'] or what in b['with'])},
                 'do': what, a['name']: a_value(a)}, 'bad_argument', a['name']
        if a['required']:
            yield a['name'] + ' is missing', {k: v for k, v in whole.items() if k != a['name']}, \
                'missing_argument', a['name']
        for value in bad_values(a):
            yield '%s is %.30r' % (a['name'], value), {**whole, a['name']: value}, 'bad_argument', a['name']
    for value in (5, '', 'x' * 129, None, {}):
        yield 'transaction is %.30r' % value, {**whole, 'transaction': value}, 'bad_argument', 'transaction'


RAW = (
    ('20 KiB', b'{"runner":"%s"}' % (b'x' * 20480), 'too_large'),
    ('ten levels', b'{"a":' * 10 + b'1' + b'}' * 10, 'too_deep'),
    ('ten levels of lists', b'{"a":' + b'[' * 9 + b']' * 9 + b'}', 'too_deep'),
    ('no UTF-8', b'{"runner":"\xff\xfe"}', 'bad_json'),
    ('a NUL in the text', b'{"runner":"a\x00b"}', 'bad_json'),
    ('a NUL by its escape', b'{"runner":"a\\u0000b"}', 'bad_json'),
    ('a key twice', b'{"runner":"anna","runner":"bert"}', 'bad_json'),
    ('a list', b'[]', 'bad_json'),
    ('a number', b'5', 'bad_json'),
    ('null', b'null', 'bad_json'),
    ('cut off', b'{"do":"sta', 'bad_json'),
    ('two objects', b'{}{}', 'bad_json'),
    ('blanks', b'   ', 'bad_json'),
    ('a number that is too large', b'{"percent":1e999}', 'bad_json'),
    ('no JSON', b'start', 'bad_json'),
)


ESCAPES = ('../escape', '../../../../etc/passwd', '/etc/passwd', '..', './anna', 'anna/', '%2e%2e%2fescape', '..\\escape',
           'anna\n', '*')
ROUTE_ESCAPES = {'../escape.gpx': 'bad_argument', '../../escape.gpx': 'bad_argument', '../../../escape.gpx': 'bad_argument',
                 '../../bert/routes/hill.gpx': 'bad_argument', 'below/hill.gpx': 'bad_argument', './hill.gpx': 'bad_argument',
                 '/etc/passwd': 'bad_argument', '../../../../../../etc/passwd': 'bad_argument', '..': 'bad_argument',
                 '.gpx': 'bad_argument', '..gpx': 'bad_argument', 'hill.gpx/': 'bad_argument', 'hill.gpx\n': 'bad_argument',
                 'hill.gpx/../../escape.gpx': 'bad_argument', '..\\escape.gpx': 'bad_argument',
                 '%2e%2e%2fescape.gpx': 'not_found', '*.gpx': 'not_found'}


def as_words(verb, arguments):
    """Words of stridectl that come to these arguments; None where it has none for them."""
    types, words = {a['name']: a['type'] for a in {**TABLE, **OWN}[verb]['arguments']}, []
    for name, value in arguments.items():
        kind = types.get(name)
        if name == 'no_such':
            words.append('no_such=1')
        elif isinstance(value, bool) and kind == 'flag':
            words.append('%s=%s' % (name, 'true' if value else 'false'))
        elif isinstance(value, str) and '\0' not in value and kind in ('word', 'text', 'day') or value == '' and kind:
            words.append('%s=%s' % (name, value))
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and kind and kind != 'text':
            words.append('%s=%r' % (name, value))
        else:
            return None
    return words


class BusDoor:
    """One connection to the bus, for many calls."""

    def __init__(self, address):
        self._loop = asyncio.new_event_loop()
        self._bus = self._loop.run_until_complete(self._connect(address))

    @staticmethod
    async def _connect(address):
        return await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()

    def close(self):
        self._bus.disconnect()
        self._loop.run_until_complete(self._bus.wait_for_disconnect())
        self._loop.close()

    def call(self, method, signature, body):
        return self._loop.run_until_complete(self._bus.call(
            Message(destination=NAME, path=PATH, interface=INTERFACE, member=method, signature=signature, body=body)))

    def answer(self, method, text):
        return json.loads(self.call(method, 's', [text]).body[0])


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(CONFIG, SIM, clock=5)
        cls.addClassCleanup(cls.world.close)
        cls.prepare()
        cls.heard = cls.world.subscribe('strided/#', 'test/#')
        cls.world.start()
        cls.heard.wait('hall/status', lambda m: m.text == 'online')
        cls.world.wait_control()

    @classmethod
    def prepare(cls):
        """What a class wants before the daemon starts."""

    def ask(self, verb, payload=b'', *options):
        """The answer over MQTT."""
        since = self.heard.mark()
        if isinstance(payload, dict):
            payload = json.dumps(payload)
        self.world.publish('strided/hall/request/' + verb, payload, *options)
        return self.heard.wait('hall/response/%s$' % verb, since=since).json

    def ok(self, verb, **arguments):
        answer = self.ask(verb, arguments)
        self.assertEqual(answer['status'], 'ok', answer)
        return answer['data']

    def refused(self, verb, code, **arguments):
        answer = self.ask(verb, arguments)
        self.assertEqual(answer['status'], 'error', answer)
        self.assertEqual(answer['error']['code'], code, answer)
        return answer['error']

    def bus_call(self, method, text):
        """busctl's answer to one method, as it is decoded."""
        done = subprocess.run(['busctl', '--address=' + self.world.bus.address, '--json=short', 'call', NAME,
                               PATH, INTERFACE, method, 's', text], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(json.loads(done.stdout)['data'][0])

    def open_sessions(self):
        return {s['runner']: s['id'] for s in self.world.ask('status')['data']['sessions']}

    def kept(self):
        """All that is kept of runs: the files of the state folder, and the rows of its database."""
        files = {os.path.relpath(os.path.join(folder, name), self.world.state)
                 for folder, _, names in os.walk(self.world.state) for name in names}
        tables = [row['name'] for row in self.world.state.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
                  if row['name'] != 'sensors'] # when they were heard last
        return files, {table: self.world.state.rows('SELECT * FROM "%s"' % table) for table in tables}

    def stop_all(self):
        for runner in self.open_sessions():
            self.ok('session', do='stop', runner=runner)

    def tearDown(self):
        self.stop_all()


class Doors(Case):
    def test_each_verb_answers_over_mqtt_dbus_and_stridectl(self):
        arguments = {'status': {}, 'sensors': {}, 'scan': {'seconds': 1},
                     'session': {'do': 'start', 'runner': 'anna'}, 'release': {'sensor': 'strap', 'for_s': 1},
                     'incline': {'percent': 1.5, 'runner': 'anna'}, 'route': {'file': None, 'runner': 'anna'},
                     'log-run': {'day': '2025-02-28', 'distance_m': 5000, 'moving_s': 1800, 'runner': 'anna'},
                     'load': {'runner': 'anna'}, 'imports': {}, 'week': {'runner': 'anna'},
                     'explain': {'rule': 'weekly_downhill', 'runner': 'anna'},
                     'assign': {'address': WATCH, 'runner': 'bert', 'name': 'watch', 'kind': 'pod'},
                     'replace': {'sensor': 'watch', 'address': WATCH}, 'forget': self.assigned,
                     'record': {'do': 'status'}, 'alerts': {'runner': 'anna'},
                     'acknowledge': {'runner': 'anna'}, 'snooze': {'for_h': 1, 'runner': 'anna'},
                     'history': {'runner': 'anna'}, 'schema': {'payload': 'live'},
                     'sessions': {'limit': 1}, 'export': {'what': 'days', 'runner': 'anna'},
                     'delete': self.logged, 'backup': {}}
        # import has no folder here: tests/integration/test_entries.py has one
        self.assertEqual({*arguments, 'import'}, set(TABLE))
        for verb, given in arguments.items():
            with self.subTest(verb):
                if verb == 'incline': # and route, the next
                    self.ok('session', do='start', runner='anna')
                data = []
                say = given if callable(given) else lambda given=given: given
                if TABLE[verb]['unsafe']: # over MQTT it is not allowed here
                    self.refused(verb, 'forbidden', **say())
                else:
                    data.append(self.ok(verb, **say()))
                if verb == 'session':
                    self.stop_all()
                data.append(self.bus_call(TABLE[verb]['method'], json.dumps(say()))['data'])
                if verb == 'session':
                    self.stop_all()
                answer = self.world.ask(verb, say())
                if verb == 'session':
                    self.stop_all()
                self.assertEqual((answer['status'], answer['error'], answer['transaction']),
                                 ('ok', None, None))
                data.append(answer['data'])
                self.assertEqual([list(d) for d in data], [list(data[0])] * len(data))

    def assigned(self):
        """A sensor that was assigned, for who forgets it."""
        self.bus_call('Assign', json.dumps({'address': WATCH, 'runner': 'bert', 'name': 'watch', 'kind': 'pod'}))
        return {'sensor': 'watch'}

    def logged(self):
        """A session there is, for who may take it away."""
        return {'id': self.ok('log-run', day='2025-02-28', distance_m=5000, moving_s=1800, runner='anna')['id']}

    def test_the_bus_shows_a_method_for_each_verb(self):
        done = subprocess.run(['busctl', '--address=' + self.world.bus.address, 'introspect', NAME, PATH,
                               INTERFACE], capture_output=True, text=True, timeout=PATIENCE)
        methods = {line.split()[0]: line.split()[1:4] for line in done.stdout.splitlines()
                   if line.startswith('.')}
        self.assertEqual(methods, {'.' + row['method']: ['method', 's', 's'] for row in TABLE.values()})

    def test_an_asker_gets_its_answer_where_it_wants_it(self):
        done = subprocess.run(['mosquitto_rr', '-p', str(self.world.broker.port), '-V', '5', '-W', '30', '-t',
                               'strided/hall/request/sensors', '-e', 'test/answer', '-m', '{}', '-D', 'publish',
                               'correlation-data', 'number-5', '-F', '%t %D %p'],
                              capture_output=True, text=True, timeout=PATIENCE)
        topic, correlation, payload = done.stdout.split(' ', 2)
        self.assertEqual((topic, correlation), ('test/answer', 'number-5'))
        self.assertEqual([s['name'] for s in json.loads(payload)['data']['sensors']], ['pod', 'strap'])

    def test_no_answer_passes_for_the_gateways_own_word(self):
        since = self.heard.mark()
        self.world.publish('strided/hall/request/status', '{}', '-D', 'publish', 'response-topic',
                           'strided/hall/status')
        self.heard.wait('hall/response/status', since=since)
        self.ok('sensors')
        self.assertEqual(self.heard.all('hall/status$', since=since), [])

    def test_an_empty_payload_is_a_request_without_arguments(self):
        self.assertEqual(self.ask('status', b'')['data']['gateway'], 'hall')
        self.assertEqual(self.ask('session', b'')['error']['code'], 'missing_argument')

    def test_an_unknown_verb_is_told_what_there_is(self):
        error = self.refused('dance', 'unknown_verb')
        self.assertEqual(error['allowed'].split(), list(TABLE))


class FirstLink(unittest.TestCase):
    def test_what_is_asked_before_it_is_clear_whose_name_it_is_is_answered_then(self):
        world = World(CONFIG, SIM, clock=1, broker_extra=['log_type subscribe'])
        self.addCleanup(world.close)
        heard = world.subscribe('strided/#')
        world.start()
        wait_until(lambda: 'strided/hall/request/+' in world.broker.log(), PATIENCE, 'the subscription')
        for i in range(3):
            world.publish('strided/hall/request/sensors', '{"transaction":"early %d"}' % i)
        heard.wait('hall/status', lambda m: m.text == 'online')
        answers = [heard.wait('hall/response/sensors', lambda m, i=i: m.json['transaction'] == 'early %d' % i)
                   for i in range(3)]
        self.assertEqual([m.json['status'] for m in answers], ['ok'] * 3)


class BadRequests(Case):
    @classmethod
    def prepare(cls):
        """What is not allowed would hide what is wrong with it."""
        cls.world.write_config(mqtt=['Commands=all'])

    def check(self, label, answer, code, argument):
        self.assertEqual((answer['status'], answer['data']), ('error', None), label)
        error = answer['error']
        self.assertEqual(set(error), {'code', 'argument', 'message', 'allowed'}, label)
        self.assertEqual((error['code'], error['argument']), (code, argument), label)
        self.assertTrue(error['message'] and error['allowed'], (label, error))

    def test_what_the_table_does_not_allow_is_refused_and_nothing_changes(self):
        since, before = self.heard.mark(), self.kept()
        self.assertIn('events', before[1])
        for verb in TABLE:
            for label, arguments, code, argument in bad_requests(verb):
                with self.subTest(verb=verb, what=label):
                    self.check(label, self.ask(verb, arguments), code, argument)
            for label, payload, code in RAW:
                with self.subTest(verb=verb, what=label):
                    self.check(label, self.ask(verb, payload), code, None)
        self.assertEqual(self.open_sessions(), {})
        self.assertEqual([m for m in self.heard.all('/sensor/', since=since)
                          if m.json['state'] == 'released'], [])
        self.assertEqual(self.heard.all('runner/[^/]+/(event|live|now|session)$', since=since), [])
        self.assertEqual(self.kept(), before)

    def test_the_bus_refuses_the_same(self):
        before = self.kept()
        door = BusDoor(self.world.bus.address)
        self.addCleanup(door.close)
        for verb, row in TABLE.items():
            for label, arguments, code, argument in bad_requests(verb):
                with self.subTest(verb=verb, what=label):
                    self.check(label, door.answer(row['method'], json.dumps(arguments)), code, argument)
            for label, payload, code in RAW:
                if b'\0' not in payload and label != 'no UTF-8':  # which no string of the bus can be
                    with self.subTest(verb=verb, what=label):
                        self.check(label, door.answer(row['method'], payload.decode()), code, None)
            for signature, body in ('', []), ('u', [5]), ('ay', [b'\xff']), ('ss', ['{}', '{}']), ('v', [Variant('s', '{}')]):
                with self.subTest(verb=verb, signature=signature):
                    self.assertEqual(door.call(row['method'], signature, body).error_name,
                                     'org.freedesktop.DBus.Error.InvalidArgs')
        self.assertEqual(door.call('Dance', 's', ['{}']).error_name, 'org.freedesktop.DBus.Error.UnknownMethod')
        self.assertEqual(self.kept(), before)
        self.assertEqual(self.open_sessions(), {})

    def test_the_terminal_refuses_the_same(self):
        before = self.kept()
        for verb in TABLE:
            for words in ([verb, b'\xff\xfe'], [verb, b'x=\xff'], ['--runner', b'\xff', verb]):
                with self.subTest(verb=verb, words=words):
                    status, out, err = self.world.stridectl(*words)
                    self.assertEqual((status, out), (2, ''))
                    self.assertIn('is no text (allowed: UTF-8)', err)
            for label, arguments, code, argument in bad_requests(verb):
                words = as_words(verb, arguments)
                if words is None or (verb, label) == ('record', 'do is missing'):  # it shows how one gets on
                    continue
                with self.subTest(verb=verb, what=label):
                    status, out, err = self.world.stridectl('--json', verb, *words)
                    if code == 'unknown_argument':
                        self.assertEqual((status, out), (2, ''))
                        self.assertIn("%s takes no 'no_such'" % verb, err)
                    else:
                        self.assertEqual((status, err), (1, ''))
                        self.check(label, json.loads(out), code, argument)
        self.assertEqual(self.kept(), before)
        self.assertEqual(self.open_sessions(), {})

    def test_the_verbs_of_the_terminal_alone_refuse_the_same(self):
        self.assertEqual(set(OWN), {'doctor', 'watch', 'report', 'help'})
        tried = 0
        for verb, row in OWN.items():
            names = [a['name'] for a in row['arguments']]
            for words, said in ((['no_such=1'], "%s takes no 'no_such'" % verb),
                                (['x'] * (len(names) + 1), "%s takes no 'x'" % verb), ([b'\xff'], 'is no text'),
                                (['--html', 'x'] if verb != 'report' else ['--output', 'x'], 'does not go with ' + verb),
                                ([] if 'runner' in names else ['--runner', 'anna'], '--runner does not go with ' + verb)):
                if words:
                    with self.subTest(verb=verb, words=words):
                        status, out, err = self.world.stridectl(verb, *words)
                        self.assertEqual((status, out), (2, ''))
                        self.assertIn(said, err)
            for label, arguments, code, argument in bad_requests(verb, OWN):
                words = as_words(verb, arguments)
                if words is None or code == 'unknown_argument':
                    continue
                with self.subTest(verb=verb, what=label):
                    tried += 1
                    status, out, err = self.world.stridectl(verb, *words)
                    self.assertEqual((status, out), (2, ''))
                    self.assertRegex(err, "'%s' has a value that is not allowed: .*\\(allowed: " % argument)
        self.assertGreaterEqual(tried, 8) # too long and too short, of each text

    def test_who_is_not_known_is_told_who_there_is(self):
        error = self.refused('session', 'not_found', do='start', runner='carl')
        self.assertEqual((error['argument'], error['allowed']), ('runner', 'anna | bert'))
        error = self.refused('session', 'missing_argument', do='start')
        self.assertEqual((error['argument'], error['allowed']), ('runner', 'anna | bert'))
        error = self.refused('release', 'not_found', sensor='watch')
        self.assertEqual((error['argument'], error['allowed']), ('sensor', 'pod | strap'))
        self.assertEqual(self.refused('session', 'not_found', do='stop', runner='anna')['argument'], 'id')
        self.assertEqual(self.refused('incline', 'not_found', runner='anna', percent=3)['argument'], 'runner')


class Escapes(Case):
    """Names that would lead out of a folder, by the door through which all may be asked, of requests that are right but
    for that name: each argument that is a text, with each word of the verb. Where they would lead to there is something."""
    WAY = ('<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
           '<trkpt lat="48" lon="9"><ele>500</ele></trkpt><trkpt lat="48.01" lon="9"><ele>400</ele></trkpt>'
           '</trkseg></trk></gpx>')
    BAIT = ('escape.gpx', 'import/escape.gpx', 'import/anna/escape.gpx', 'import/anna/routes/hill.gpx',
            'import/anna/routes/below/hill.gpx', 'import/bert/routes/hill.gpx')

    @classmethod
    def prepare(cls):
        for name in cls.BAIT:
            path = os.path.join(cls.world.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w') as f:
                f.write(cls.WAY)
        cls.world.write_config(cls.world.config_text + '[Import]\nFolder=%s/import\n' % cls.world.folder)

    def lay_recording(self):
        """A good one of a session that is over, where a session of a bad id would have it."""
        session = self.ok('session', do='start', runner='anna')['id']
        wait_until(lambda: os.path.exists(self.world.state.recording(session)), PATIENCE, 'the recording')
        self.ok('session', do='stop', id=session)
        self.heard.wait('runner/anna/event', lambda m: m.json['id'] == session + '-end')
        for folder in (self.world.folder, str(self.world.state)):
            shutil.copy(self.world.state.recording(session), os.path.join(folder, 'escape.rec'))
        return session

    def beyond(self):
        """What stands where a name may lead: the bytes of each file, and that there is no other."""
        folder = self.world.folder
        names = [*os.listdir(folder), *(os.path.join(at, name) for at, _, names in os.walk(os.path.join(folder, 'import'))
                                        for name in names)]
        found = {}
        for name in (*self.BAIT, 'escape.rec', os.path.join(str(self.world.state), 'escape.rec')):
            with open(os.path.join(folder, name), 'rb') as f:
                found[name] = f.read()
        return sorted(names), found

    def cases(self, over):
        """(verb, a request that is right, the argument that is a name, what it is told of a bad one)"""
        yield 'session', {'do': 'start'}, 'runner', 'not_found'
        yield 'session', {'do': 'start', 'runner': 'anna'}, 'id', 'bad_argument'
        yield 'session', {'do': 'stop'}, 'runner', 'not_found'
        yield 'session', {'do': 'stop'}, 'id', 'not_found'
        yield 'session', {'do': 'discard', 'id': over}, 'runner', 'not_found'
        yield 'session', {'do': 'discard'}, 'id', 'bad_argument'
        yield 'session', {'do': 'assign', 'id': over}, 'runner', 'not_found'
        yield 'session', {'do': 'assign', 'runner': 'bert'}, 'id', 'bad_argument'
        yield 'session', {'do': 'note', 'id': over, 'effort': 1}, 'runner', 'not_found'
        yield 'session', {'do': 'note', 'effort': 1}, 'id', 'bad_argument'
        yield 'release', {'for_s': 1}, 'sensor', 'not_found'
        yield 'incline', {'percent': 1}, 'runner', 'not_found'
        yield 'route', {'file': 'hill.gpx'}, 'runner', 'not_found'
        yield 'route', {'runner': 'anna'}, 'file', None
        yield 'import', {'runner': 'anna'}, 'file', None
        yield 'import', {'file': 'hill.gpx'}, 'runner', 'not_found'
        yield 'delete', {'id': over}, 'runner', 'not_found'
        yield 'delete', {}, 'id', 'bad_argument'
        run = {'day': '2025-02-28', 'distance_m': 5000, 'moving_s': 1800}
        yield 'log-run', run, 'runner', 'not_found'
        yield 'log-run', {**run, 'runner': 'anna'}, 'start', 'bad_argument'
        for verb in ('week', 'load', 'history', 'alerts', 'acknowledge'):
            yield verb, {}, 'runner', 'not_found'
        yield 'alerts', {'runner': 'anna'}, 'before', 'not_found'
        yield 'snooze', {'for_h': 1}, 'runner', 'not_found'
        yield 'explain', {'rule': 'weekly_distance'}, 'runner', 'not_found'
        yield 'sessions', {}, 'runner', 'not_found'
        yield 'sessions', {'runner': 'anna'}, 'before', 'not_found'
        yield 'export', {'what': 'days'}, 'runner', 'not_found'
        yield 'export', {'what': 'session', 'runner': 'anna'}, 'id', 'not_found'
        yield 'export', {'what': 'sessions', 'runner': 'anna'}, 'cursor', 'bad_argument'
        yield 'assign', {'runner': 'anna'}, 'address', 'bad_argument'
        yield 'assign', {'address': WATCH}, 'runner', 'not_found'
        yield 'assign', {'address': WATCH, 'runner': 'anna'}, 'name', 'bad_argument'
        yield 'replace', {'address': WATCH}, 'sensor', 'not_found'
        yield 'replace', {'sensor': 'pod'}, 'address', 'bad_argument'
        yield 'forget', {}, 'sensor', 'not_found'
        yield 'record', {'do': 'start'}, 'sensor', 'not_found'
        yield 'record', {'do': 'stop'}, 'sensor', 'bad_argument'
        yield 'record', {'do': 'status'}, 'sensor', 'bad_argument'

    WORDS = ('shoes',) # which name nothing

    @classmethod
    def names(cls):
        """Each (verb, what it is to do, argument that is a text) of the table."""
        for verb, row in TABLE.items():
            do = [word for a in row['arguments'] if a['name'] == 'do' for word in a['words']]
            for text in [a['name'] for a in row['arguments'] if a['type'] == 'text' and a['name'] not in cls.WORDS]:
                yield from ((verb, word, text) for word in do or [None])

    def check(self, verb, given, argument, code):
        answer = self.bus_call(TABLE[verb]['method'], json.dumps(given))
        what = (verb, given, answer)
        self.assertEqual((answer['status'], answer['data']), ('error', None), what)
        self.assertEqual((answer['error']['code'], answer['error']['argument']), (code, argument), what)
        self.assertNotIn('root:', json.dumps(answer), what)

    def test_no_name_in_a_request_leads_out_of_the_folders(self):
        over = self.lay_recording()
        since = self.heard.mark()
        sessions = {runner: self.ok('session', do='start', runner=runner)['id'] for runner in ('anna', 'bert')}
        for runner in sessions:
            self.heard.wait('runner/%s/event' % runner, lambda m: m.json['kind'] == 'session_start', since=since)
        self.assertEqual(self.ok('route', file='hill.gpx', runner='anna')['file'], 'hill.gpx') # so names are looked at
        self.ok('route', file=None, runner='anna')
        wait_until(lambda: not self.world.state.rows('SELECT * FROM events'), PATIENCE, 'all events to be told')
        cases = list(self.cases(over))
        self.assertEqual({(verb, given.get('do'), argument) for verb, given, argument, _ in cases}, set(self.names()))
        self.world.daemon.wait_log('import escape.gpx: Refused') # it has no row
        wait_until(lambda: self.world.state.rows('SELECT * FROM imports'), PATIENCE, 'the row of anna/escape.gpx')
        before, beyond = self.kept(), self.beyond()
        for verb, given, argument, code in cases:
            for escape, why in ROUTE_ESCAPES.items() if argument == 'file' else zip(ESCAPES, [code] * len(ESCAPES)):
                if (verb, escape) == ('import', 'below/hill.gpx'):
                    why = 'not_found' # a file may lie there, and none does
                with self.subTest(verb=verb, given=given, argument=argument, name=escape):
                    self.check(verb, {**given, argument: escape}, argument, why)
        self.assertEqual((self.kept(), self.beyond(), self.open_sessions()), (before, beyond, sessions))


class Sessions(Case):
    def result(self, session):
        """The stored (state, reason) of a session."""
        path = glob.glob(os.path.join(self.world.state, '*.db'))[0]
        db = sqlite3.connect('file:%s?mode=ro' % path, uri=True, timeout=PATIENCE)
        try:
            return db.execute('SELECT state, reason FROM sessions WHERE id = ?', (session,)).fetchone()
        finally:
            db.close()

    def restart(self):
        since = self.heard.mark()
        self.assertEqual(self.world.daemon.end(signal.SIGTERM), 0)
        self.world.start()
        self.heard.wait('hall/status', lambda m: m.text == 'online', since=since)
        self.world.wait_control()

    def policy(self, word):
        since = len(self.world.daemon.lines)
        self.world.write_config(mqtt=['Commands=' + word] if word else [])
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.world.daemon.wait_log('Configuration reloaded', since=since)
        self.world.wait_control()

    def start_and_stop(self, runner):
        session = self.ok('session', do='start', runner=runner)['id']
        self.assertEqual(self.open_sessions()[runner], session)
        since = self.heard.mark()
        self.assertEqual(self.ok('session', do='stop', id=session), {'done': 'stop', 'id': session})
        self.heard.wait('runner/%s/event' % runner, lambda m: m.json['kind'] == 'session_end', since=since)
        return session

    def test_start_is_refused_while_one_is_open(self):
        self.ok('session', do='start', runner='anna')
        self.refused('session', 'already', do='start', runner='anna')
        self.ok('session', do='start', runner='bert')
        self.assertEqual(set(self.open_sessions()), {'anna', 'bert'})

    def test_a_transaction_is_answered_again_and_not_done_again(self):
        asked = {'do': 'start', 'runner': 'anna', 'transaction': 'täst-1'}
        first = self.ask('session', asked)
        self.assertEqual((first['status'], first['transaction']), ('ok', 'täst-1'))
        self.assertEqual(self.ask('session', asked), first) # else: 'already'
        self.stop_all()
        self.assertEqual(self.ask('session', asked), first)
        self.assertEqual(self.open_sessions(), {})
        self.restart()
        self.assertEqual(self.ask('session', asked), first)
        self.assertEqual(self.open_sessions(), {})
        self.assertEqual(self.ask('session', {**asked, 'transaction': 'other'})['status'], 'ok')
        self.assertEqual(set(self.open_sessions()), {'anna'})

    def test_a_refused_transaction_may_be_tried_again(self):
        asked = {'do': 'stop', 'runner': 'bert', 'transaction': 'again'}
        self.assertEqual(self.ask('session', asked)['status'], 'error')
        self.ok('session', do='start', runner='bert')
        self.assertEqual(self.ask('session', asked)['status'], 'ok')

    def test_safe_forbids_to_discard_all_allows_it_none_forbids_everything(self):
        self.ok('session', do='start', runner='anna')
        error = self.refused('session', 'forbidden', do='discard', runner='anna')
        self.assertIn('Commands=all', error['allowed'])
        self.assertEqual(set(self.open_sessions()), {'anna'})
        self.policy('none')
        try:
            for verb in TABLE:
                self.assertEqual(self.ask(verb)['error']['code'], 'forbidden', verb)
            self.policy('all')
            self.ok('session', do='discard', runner='anna')
        finally:
            self.policy('')
        self.assertEqual(self.open_sessions(), {})

    def test_safe_forbids_over_mqtt_all_that_its_row_calls_unsafe_and_nothing_over_the_bus(self):
        session = self.ok('session', do='start', runner='anna')['id']
        self.heard.wait('runner/anna/event', lambda m: m.json['id'].startswith(session))
        unsafe = [(verb, {}) for verb, row in TABLE.items() if row['unsafe']]
        unsafe += [(verb, {'do': word, 'id': session, 'runner': 'bert'}) for verb, row in TABLE.items()
                   for word in row['unsafe_do']]
        self.assertEqual({given['do'] for _, given in unsafe if given}, {'discard', 'assign'})
        self.assertLessEqual({'assign', 'replace', 'forget', 'record'}, {verb for verb, given in unsafe if not given})
        for verb, given in unsafe:
            for arguments in (given, {**given, 'transaction': 'x'}, {key: given[key] for key in ('do',) if key in given}):
                error = self.refused(verb, 'forbidden', **arguments)
                self.assertIn('Commands=all', error['allowed'])
        self.assertEqual(self.open_sessions(), {'anna': session})
        answer = self.bus_call('Session', json.dumps({'do': 'discard', 'id': session}))
        self.assertEqual(answer['status'], 'ok', answer)

    def test_what_ended_last_can_be_discarded_by_its_id(self):
        session = self.start_and_stop('anna')
        since = self.heard.mark()
        status, out, _ = self.world.stridectl('session', 'discard', 'id=' + session)
        self.assertEqual((status, out), (0, 'done  discard\nid    %s\n' % session))
        told = self.heard.wait('runner/anna/event', lambda m: m.json['kind'] == 'retracted', since=since).json
        self.assertEqual((told['body']['id'], told['body']['state']), (session, 'discarded'))
        shown = self.heard.wait('runner/anna/session', since=since)
        self.assertEqual((shown.json['id'], shown.json['state'], shown.retain), (session, 'discarded', True))
        wait_until(lambda: self.result(session)[0] == 'discarded', PATIENCE, 'the row')
        self.assertEqual(self.world.stridectl('session', 'discard', 'id=' + session)[0], 1)
        # the recording says so too: a database that is lost is made again from it
        self.assertEqual(self.world.daemon.end(signal.SIGTERM), 0)
        self.world.state.lose_database()
        since = self.heard.mark()
        self.world.start()
        shown = self.heard.wait('runner/anna/session', lambda m: m.json['id'] == session, since=since).json
        self.assertEqual(shown['state'], 'discarded')
        self.world.wait_control()
        wait_until(lambda: self.result(session) == ('discarded', 'discarded by command'), PATIENCE, 'the row')

    def test_an_id_with_another_runner_stops_nothing(self):
        self.ok('session', do='start', runner='anna')
        self.ok('session', do='start', runner='bert')
        both = self.open_sessions()
        theirs = both['bert']
        for what in ('stop', 'discard'):
            status, _, err = self.world.stridectl('session', what, 'id=' + theirs, 'runner=anna')
            self.assertEqual(status, 1)
            self.assertIn('not of this runner', err)
        self.assertEqual(self.open_sessions(), both)
        self.ok('session', do='stop', id=theirs, runner='bert')
        status, _, err = self.world.stridectl('session', 'discard', 'id=' + theirs, 'runner=anna')
        self.assertEqual((status, self.result(theirs)[0]), (1, 'ended'))
        self.assertIn('not of this runner', err)

    def test_an_older_session_or_one_of_nobody_is_not_found(self):
        old = self.start_and_stop('bert')
        wait_until(lambda: self.ok('session', do='start', runner='bert'), PATIENCE)
        for what in ('stop', 'discard'):
            for session in (old if what == 'stop' else 'no-such', '../../etc/passwd'):
                status, _, err = self.world.stridectl('session', what, 'id=' + session)
                self.assertEqual(status, 1)
                self.assertIn('no such session', err)

    def test_a_retained_order_is_no_order(self):
        self.world.daemon.end(signal.SIGTERM)
        topic = 'strided/hall/request/session'
        self.world.publish(topic, '{"do":"start","runner":"anna"}', '-r')
        try:
            since = self.heard.mark()
            self.world.start()
            self.heard.wait('hall/status', lambda m: m.text == 'online', since=since)
            self.world.wait_control()
            self.ok('status')
            self.assertEqual(self.open_sessions(), {})
        finally:
            self.world.publish(topic, '', '-r')

    def test_a_retained_order_is_no_order_while_we_listen_either(self):
        topic, since = 'strided/hall/request/session', self.heard.mark()
        try:
            self.world.publish(topic, '{"do":"start","runner":"anna","transaction":"stays"}', '-r', '-q', '1')
            self.world.publish(topic, '{"do":"start","runner":"bert","transaction":"goes"}', '-q', '1')
            self.heard.wait('response/session', lambda m: m.json['transaction'] == 'goes', since=since)
            self.assertEqual(list(self.open_sessions()), ['bert'])
        finally:
            self.world.publish(topic, '', '-r')

    def test_incline_is_set_and_taken_back(self):
        self.ok('session', do='start', runner='anna')
        self.assertEqual(self.ok('incline', runner='anna', percent=-8), {'runner': 'anna', 'percent': -8.0})
        self.assertEqual(self.ok('incline', runner='anna', percent=None), {'runner': 'anna', 'percent': None})

    def test_a_released_sensor_is_let_go_and_comes_back(self):
        since = self.heard.mark()
        self.assertEqual(self.ok('release', sensor='pod', for_s=60), {'sensor': 'pod', 'for_s': 60})
        self.heard.wait('sensor/pod', lambda m: m.json['state'] == 'released', since=since)
        since = self.heard.mark()
        self.world.sim.ctl('clock jump 61')
        self.heard.wait('sensor/pod', lambda m: m.json['state'] not in ('released', 'seen'), since=since)

    def test_a_scan_shows_who_advertises_and_one_runs_at_a_time(self):
        since = self.heard.mark()
        self.world.publish('strided/hall/request/scan', '{"seconds":30,"transaction":"s"}')
        self.world.publish('strided/hall/request/scan', '{"seconds":30,"transaction":"s"}')
        self.world.publish('strided/hall/request/scan', '{"seconds":1}')
        answers = [self.heard.wait('response/scan', lambda m, n=n: m.json['transaction'] == n, since=since).json
                   for n in (None, 's')]
        self.assertEqual([(a['status'], a['error']['code']) for a in answers], [('error', 'busy')] * 2)
        self.assertEqual(answers[1]['error']['argument'], 'transaction')
        data = self.heard.wait('response/scan', lambda m: m.json['status'] == 'ok', since=since).json['data']
        heard = {d['name']: d for d in data['devices']}
        self.assertIn('STRANGER', heard)
        self.assertIsNone(heard['STRANGER']['sensor'])
        self.assertEqual(heard['STRANGER']['address'], 'C0:DE:00:00:00:03')


class Terminal(Case):
    def run_words(self, *words):
        return self.world.stridectl(*words)

    def test_a_person_reads_what_is(self):
        status, out, err = self.run_words('status')
        self.assertEqual((status, err), (0, ''))
        self.assertRegex(out, r'(?m)^gateway +hall, strided \d')
        self.assertRegex(out, r'(?m)^session +none$')
        status, out, _ = self.run_words('sensors')
        self.assertRegex(out, r'(?m)^SENSOR +KIND +RUNNER +STATE')
        self.assertRegex(out, r'(?m)^strap .*bert ')
        with self.world.at_rate(1): # in less a busy machine hears nobody
            status, out, _ = self.run_words('scan', '2')
        self.assertEqual(status, 0)
        self.assertRegex(out, r'(?m)^ADDRESS +NAME +SIGNAL')
        self.assertRegex(out, r'(?m)^C0:DE:00:00:00:03 +STRANGER ')

    def test_options_stand_before_or_behind_the_verb(self):
        for words in (('--json', '--runner', 'anna', 'session', 'start'),
                      ('session', 'start', '--runner', 'anna', '--json'),
                      ('session', '--run', 'anna', 'start', '--js'), ('-jr', 'anna', 'session', 'start'),
                      ('session', '-jr', 'anna', '--', 'start'), ('session', '--runner=anna', 'start', '-j'), ('session', '-r', 'anna', '-j', 'do=start')):
            with self.subTest(words):
                status, out, err = self.run_words(*words)
                self.assertEqual((status, err), (0, ''))
                self.assertEqual(json.loads(out)['status'], 'ok')
                self.assertEqual(set(self.open_sessions()), {'anna'})
                self.assertEqual(self.run_words('incline', '-8', '--runner', 'anna')[1],
                                 'runner   anna\npercent  -8\n')
                self.stop_all()

    def units_are(self, units):
        self.world.daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.world.ask('status')['data']['units'] == units, PATIENCE, 'units ' + units)

    def test_a_household_that_counts_in_miles_reads_miles(self):
        self.run_words('session', 'start', '--runner', 'anna')
        self.assertRegex(self.run_words('status')[1], r'(?m)^SESSION .*DISTANCE/M +MIN/KM +DOWN/M +UP/M\n.* - +-$') # no height is known
        self.world.write_config('[Gateway]\nUnits=imperial\n' + CONFIG)
        self.units_are('imperial')
        self.assertRegex(self.run_words('status')[1], r'(?m)^SESSION .*MILES +MIN/MI +DOWN/FT +UP/FT\n.* - +-$')
        week = self.run_words('week', '--runner', 'anna')[1] # there is no log: nothing is usual
        self.assertRegex(week, r'(?m)^running/mi +0\.0( +-){3} +0\.0 +insufficient_history$')
        self.assertRegex(week, r'(?m)^descent/ft +0( +-){3} +0 +insufficient_history$')
        self.world.write_config(CONFIG)
        self.units_are('metric')
        self.stop_all()

    def test_the_exit_status_says_what_went_wrong(self):
        for words, status, said in (
                (('session', 'stop', 'runner=anna'), 1, 'There is no such session'),
                (('session', 'dance', '--runner', 'anna'), 1, r'allowed: start \| stop \| discard \| assign'),
                (('scan', 'soon'), 1, 'whole number from 1 to 60'),
                (('incline', 'steep', '--runner', 'anna'), 1, 'or null'),
                (('scan', 'soon'), 1, 'not allowed: "soon"'), (('release', 'pod', 'x=1'), 2, "release takes no 'x'"),
                ((), 2, 'Usage'), (('dance',), 2, r"there is no verb 'dance'\nUsage"), (('--nope', 'status'), 2, 'nope'),
                (('status', '--nope'), 2, 'nope'), (('status', 'now'), 2, "takes no 'now'"),
                (('session', 'start', '--runner'), 2, '^stridectl: --runner needs its NAME$'),
                (('help', 'nonsense'), 2, "help takes no 'nonsense'"), (('status', '-jq'), 2, "invalid option -- 'q'"),
                (('status', '--', '--json'), 2, "status takes no '--json'"), (('--f', 'status'), 2, "'--f' is ambiguous")):
            with self.subTest(words):
                got, out, err = self.run_words(*words)
                self.assertEqual((got, out), (status, ''))
                self.assertRegex(err, said)
        self.assertEqual(self.run_words('--version')[0], 0)
        for words in (('--help',), ('help',)):
            status, out, err = self.run_words(*words)
            self.assertEqual((status, err), (0, ''))
            self.assertIn('session', out)
        status, out, _ = self.run_words('session', 'stop', '--runner', 'anna', '--json')
        self.assertEqual((status, json.loads(out)['error']['code']), (1, 'not_found'))

    def test_without_a_daemon_it_says_so(self):
        with World(bus=True, broker=False) as lonely:
            status, out, err = lonely.stridectl('status')
            self.assertEqual((status, out), (3, ''))
            self.assertIn('strided does not run', err)
        with World(bus=False, broker=False) as lonely:
            status, out, err = lonely.stridectl('status')
            self.assertEqual((status, out), (3, ''))
            self.assertIn('no system bus', err)


if __name__ == '__main__':
    run_tests()
