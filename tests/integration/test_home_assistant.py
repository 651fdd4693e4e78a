#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What Home Assistant is told and shown, pressed and given to load: a real run, its discovery, and the dashboard and
blueprints of config/home-assistant. What templates say is rendered by Jinja2, which is theirs."""
import datetime
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

try:
    import yaml
    from assistant import PLATFORMS, Assistant, requests
except ImportError as e:
    raise unittest.SkipTest('skipped: %s is not installed (python3-yaml, python3-jinja2)' % e.name) from None

from files import gpx
from rules import ON, SETTINGS, TODAY, USUAL, RulesCase
from world import POD, STRAP, World, run_tests, sensor

CONFIG = SETTINGS + sensor('pod-42', POD) + sensor('strap-b7', STRAP)
SIM = ['pod:P:%s:awake,scenario=idle,sleep=100000' % POD, 'strap:S:%s:awake,scenario=steady' % STRAP]
FILES = os.path.join(os.environ['STRIDED_SOURCE_ROOT'], 'config', 'home-assistant')
# An answer to what was asked for, in a situation that does not allow it; all else is our own mistake
FINE_REASONS = {'already', 'not_found', 'busy', 'unavailable'}


class Story:
    """A run that passes a limit, with everything pressed in it, a file that comes in, and what is gone then."""

    def __init__(self):
        with World(CONFIG, SIM, clock=20) as self.world:
            self.play(self.world)

    def play(self, world):
        heard = self.heard = world.subscribe('strided/#', 'homeassistant/#')
        folder = os.path.join(world.folder, 'import')
        os.makedirs(os.path.join(folder, 'anna'))
        world.write_config(CONFIG + '[Import]\nFolder=%s\n' % folder)
        world.sim.ctl('clock wall %d' % TODAY.timestamp())
        world.start_ready()
        world.stop()
        RulesCase.seed(self, [(ago, metres, 0, 'run') for ago, metres in USUAL], TODAY)
        since = heard.mark()
        world.start_ready()
        for rule in sorted(ON): # each has a topic of its own
            heard.wait('/alert/%s$' % rule, lambda m: m.text, since=since)
        heard.wait('/alert/weekly_distance$', lambda m: m.text and m.json['verdict'] == 'ok', since=since)
        heard.catch_up()
        self.before = heard.all()
        world.sim.ctl('scenario P steady')
        heard.wait('/event$', lambda m: m.json['kind'] == 'session_start')
        heard.wait('/now$', lambda m: m.json['speed_m_s'] and m.json['heart_rate_bpm'])
        self.incline(world)
        heard.wait('/event$', lambda m: m.json['kind'] == 'alert' and
                   m.json['body']['alert']['rule'] == 'weekly_distance')
        heard.catch_up()
        self.during = heard.all()
        with open(os.path.join(folder, 'anna', '.run.gpx'), 'wb') as f:
            f.write(gpx(TODAY - datetime.timedelta(days=40)))
        os.rename(f.name, os.path.join(folder, 'anna', 'run.gpx'))
        heard.wait('/event$', lambda m: m.json['kind'] == 'import')
        self.press_all(world)
        self.note(world, folder)
        heard.catch_up()
        self.messages = heard.all()
        self.gone = self.take_away(world)

    def incline(self, world):
        """As somebody sets it in Home Assistant."""
        set_incline = Assistant(self.before).entities['number.anna_set_incline'].component
        self.shown_before = Assistant(self.heard.all()).entities['number.anna_set_incline'].state
        world.publish(set_incline['cmd_t'], Assistant([]).render(set_incline['cmd_tpl'], value=-8))
        self.heard.wait('/now$', lambda m: m.json['source']['grade'] == 'incline')
        self.shown_then = Assistant(self.heard.all()).entities['number.anna_set_incline'].state

    def press_all(self, world):
        """Everything there is to press, set and choose; the end of the session at the end."""
        assistant = Assistant(self.before)
        self.answers = []
        for entity in sorted(assistant.entities.values(), key=lambda e: e.key == 'session_finish'):
            component = entity.component
            for request in requests(assistant, component) if 'cmd_t' in component else ():
                verb = component['cmd_t'].rsplit('/', 1)[1]
                since = self.heard.mark()
                world.publish(component['cmd_t'], request)
                answer = self.heard.wait('/response/%s$' % verb, since=since).json
                self.answers.append((entity.key, request, answer))
        self.heard.wait('/event$', lambda m: m.json['kind'] == 'session_end')

    def note(self, world, folder):
        """How the run was is shown as it was entered, after a restart, too; of a later run, of a file, nothing is yet."""
        shoes = lambda m: m.text and m.json['shoes'] == 'An "old" pair'
        self.noted = [self.heard.wait('/anna/note$', lambda m: shoes(m) and m.json['surface'] == 'other').json]
        world.stop()
        since = self.heard.mark()
        world.sim.ctl('clock wall %d' % (TODAY + datetime.timedelta(hours=3)).timestamp())
        world.start_ready()
        self.noted.append(self.heard.wait('/anna/note$', lambda m: m.text, since=since).json)
        since = self.heard.mark()
        with open(os.path.join(folder, 'anna', '.later.gpx'), 'wb') as f:
            f.write(gpx(TODAY + datetime.timedelta(hours=2)))
        os.rename(f.name, os.path.join(folder, 'anna', 'later.gpx'))
        self.noted.append(self.heard.wait('/anna/note$', lambda m: m.text and
                                          m.json['session'] != self.noted[0]['session'], since=since).json)
        world.publish('strided/hall/request/session', '{"do": "note", "runner": "anna", "effort": 2.5}')
        self.noted.append(self.heard.wait('/anna/note$', lambda m: m.text and m.json['effort'] == 2.5).json)
        # what is said of the one before is another's
        world.ctl('session', 'do=note', 'id=' + self.noted[0]['session'], 'effort=9')
        world.ctl('session', 'do=discard', 'id=' + self.noted[2]['session'])
        self.noted.append(self.heard.wait('/anna/note$', lambda m: m.text and m.json['effort'] == 9).json)

    def take_away(self, world):
        """Commands, a sensor, a rule and then the runner."""
        since = self.heard.mark()
        config = world.config_text.replace(sensor('strap-b7', STRAP), '')
        world.write_config(config.replace('Notify=no\n', 'Enable=no\n'), mqtt=('Commands=none',))
        world.daemon.process.send_signal(signal.SIGHUP)
        self.heard.wait('homeassistant/.*_sensor_%s/config' % STRAP.replace(':', '').lower(), lambda m: not m.text,
                        since=since)
        reduced = self.heard.wait('homeassistant/.*_runner_anna/config', lambda m: m.text and
                                  m.json['cmps']['session_begin'] == {'p': 'button'}, since=since).json
        self.heard.wait('homeassistant/.*_sensor_.*/config', lambda m: m.text and
                        m.json['cmps']['release'] == {'p': 'button'}, since=since)
        world.write_config(config.replace('[Runner anna]', '[Runner ben]').replace('Runner=anna', 'Runner=ben'))
        world.daemon.process.send_signal(signal.SIGHUP)
        self.heard.wait('homeassistant/.*_runner_anna/config', lambda m: not m.text, since=since)
        self.heard.wait('homeassistant/.*_runner_ben/config', lambda m: m.text, since=since)
        return reduced


def setUpModule():
    global story
    story = Story()


class Discovery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.assistant = Assistant(story.messages)

    def judge(self, entity, state):
        """Whether Home Assistant takes it as a state of such an entity."""
        component, what = entity.component, (entity.entity_id, state)
        if entity.platform == 'event':
            if state:
                event = json.loads(state)
                self.assertIn(event['event_type'], component['evt_typ'], what)
                self.assertTrue(event['at'] and (event.get('event_id') or event['id']), what)
        elif state == 'None':
            pass
        elif entity.platform == 'binary_sensor':
            self.assertIn(state, ('ON', 'OFF'), what)
        elif entity.platform == 'number':
            self.assertTrue(component['min'] <= float(state) <= component['max'], what)
        elif 'ops' in component:
            self.assertIn(state, component['ops'], what)
        elif component.get('dev_cla') == 'timestamp':
            self.assertIsNotNone(datetime.datetime.fromisoformat(state.replace('Z', '+00:00')).tzinfo, what)
        elif 'unit_of_meas' in component or 'stat_cla' in component:
            float(state)
        else:
            self.assertTrue((state or entity.platform == 'text') and len(state) <= 255, what)

    def test_every_state_is_one_that_its_entity_takes(self):
        n = 0
        for entity in self.assistant.entities.values():
            self.assertIn(entity.platform, PLATFORMS)
            for state in entity.states:
                self.judge(entity, state)
                n += 1
        self.assertGreater(n, 1000)

    def test_every_entity_of_a_topic_that_spoke_has_a_state(self):
        """And those below were known at some time, as there was something to know of each."""
        known = {e.entity_id for e in self.assistant.entities.values() if set(e.states) - {'None', ''}}
        silent = {e.entity_id for e in self.assistant.entities.values()
                  if 'stat_t' in e.component and not e.states}
        self.assertEqual(silent, set())
        for name in ('week_distance', 'usual_week_distance', 'week_limit_distance', 'left_today_distance',
                     'weekly_distance_verdict', 'longest_run_verdict', 'left_in_one_run_distance', 'distance', 'pace',
                     'cadence', 'heart_rate', 'heart_rate_zone', 'session_start', 'session_end', 'time_in_zone_3',
                     'heart_load_banister', 'distance_source', 'free_again_tomorrow_distance'):
            self.assertIn('sensor.anna_' + name, known)
        for name in ('sensor.sensor_pod_42_state', 'sensor.sensor_pod_42_battery', 'sensor.sensor_pod_42_kind',
                     'sensor.sensor_pod_42_signal', 'sensor.sensor_pod_42_last_seen', 'sensor.hall_clock',
                     'binary_sensor.hall_problem', 'binary_sensor.anna_weekly_distance', 'number.anna_set_incline'):
            self.assertIn(name, known)

    def test_what_is_shown_is_in_the_units_of_people(self):
        week = lambda measure, value: {'measures': {measure: {'total': value}}}
        for entity, told, shown, unit in (
                ('sensor.anna_week_distance', week('distance_m', 27670), 27.67, 'km'),
                ('sensor.anna_week_moving_time', week('moving_s', 9900), 2.75, 'h'),
                ('sensor.anna_week_descent', week('downhill_drop_m', 329), 329, 'm'),
                ('sensor.anna_left_in_one_run_distance', {'left_today': 10360}, 10.36, 'km'),
                ('sensor.anna_distance', {'distance_m': 2130.4}, 2.1304, 'km'),
                ('sensor.anna_moving_time', {'moving_s': 709.2}, 11.82, 'min'),
                ('sensor.anna_cadence', {'cadence_spm': 176.4}, 176.4, 'spm')):
            with self.subTest(entity):
                component = self.assistant.entities[entity].component
                self.assertAlmostEqual(float(self.assistant.render(component['val_tpl'], value_json=told)), shown)
                self.assertEqual(component['unit_of_meas'], unit)
                unknown = json.loads(re.sub(r'[\d.]+(?=})', 'null', json.dumps(told)))
                self.assertEqual(self.assistant.render(component['val_tpl'], value_json=unknown), 'None')
        pace = self.assistant.entities['sensor.anna_pace'].component
        for told, shown in ((331, '5:31 /km'), (600, '10:00 /km'), (None, None)):
            text = self.assistant.render(pace['json_attr_tpl'], value_json={'pace_s_per_km': told})
            self.assertEqual(json.loads(text), {'pace': shown})

    def test_a_word_that_home_assistant_has_for_itself_is_another_there(self):
        state = self.assistant.entities['sensor.sensor_pod_42_state'].component
        for told, shown in (('unavailable', 'not_available'), ('streaming', 'streaming')):
            self.assertEqual(self.assistant.render(state['val_tpl'], value_json={'state': told}), shown)
            self.assertIn(shown, state['ops'])

    def test_a_limit_that_is_passed_is_a_problem_with_its_sentence(self):
        before = Assistant(story.before)
        self.assertTrue(before.is_state('binary_sensor.anna_weekly_distance', 'off'))
        self.assertTrue(self.assistant.is_state('binary_sensor.anna_weekly_distance', 'on'))
        self.assertIn('No study sets a limit',
                      self.assistant.state_attr('binary_sensor.anna_weekly_distance', 'sentence'))
        unjudged = [e for e in self.assistant.entities.values() if e.key.startswith('rule_') and
                    e.attributes['verdict'].startswith(('insufficient', 'no_'))]
        self.assertEqual({e.state for e in unjudged} - {'unknown'}, set())

    def test_an_event_entity_tells_its_own_kinds_and_no_others(self):
        told = {}
        for entity in self.assistant.entities.values():
            if entity.platform == 'event':
                events = [json.loads(s) for s in entity.states if s]
                told[entity.key] = {e['event_type'] for e in events}
                if entity.key == 'event_alert':
                    self.assertTrue(all('explain' in e and e['rule'] and e['sentence'] for e in events))
                if entity.key == 'event_session':
                    self.assertTrue(all(e['runner'] == 'anna' and 'distance_m' in e for e in events))
                if entity.key == 'event_import':
                    self.assertEqual([e['file'] for e in events], ['run.gpx', 'later.gpx'])
        self.assertEqual(told['event'], {'session_start', 'session_end', 'alert', 'import', 'retracted'})
        self.assertEqual(told['event_session'], {'session_start', 'session_end', 'retracted'})
        self.assertEqual(told['event_import'], {'imported'})
        self.assertLessEqual({'crossed'}, told['event_alert'])
        self.assertEqual(told['event_alert'] & {'alert', 'imported', 'session_end'}, set())

    def test_what_is_pressed_is_what_the_verb_takes(self):
        pressed = {key for key, _, _ in story.answers}
        self.assertLessEqual({'scan', 'release', 'session_begin', 'session_finish', 'set_incline', 'unset_incline'},
                             pressed)
        for key, request, answer in story.answers:
            code = answer['error']['code'] if answer['error'] else None
            self.assertTrue(code is None or code in FINE_REASONS, (key, request, answer))
        done = {key for key, _, answer in story.answers if answer['status'] == 'ok'}
        self.assertLessEqual({'scan', 'release', 'session_finish', 'set_incline', 'unset_incline'}, done)

    def test_a_number_shows_what_holds_and_not_what_was_asked_for(self):
        self.assertEqual(story.shown_before, 'unknown')
        self.assertEqual(float(story.shown_then), -8)

    def test_how_the_last_run_was_is_shown_as_it_was_entered(self):
        first, restarted, later, entered, back = story.noted
        self.assertEqual((first['surface'], first['effort']), ('other', 5))
        self.assertEqual(restarted, first)
        self.assertEqual((later['effort'], later['surface'], later['shoes']), (None, None, None))
        self.assertEqual(entered, dict(later, effort=2.5))
        self.assertEqual(back, dict(first, effort=9))
        said = self.assistant.entities['number.anna_effort_of_the_last_run'].states
        self.assertEqual([float(s) for s in said if s != 'None'][-3:], [5, 2.5, 9])
        self.assertIn('None', said)

    def test_what_is_gone_is_taken_away(self):
        """The rest of it was waited for."""
        components = story.gone['cmps']
        entities = {e.key: e.platform for e in self.assistant.entities.values()
                    if e.entity_id.split('.')[1].startswith('anna_')}
        self.assertEqual(set(entities) - set(components), set())
        gone = {key for key, component in components.items() if len(component) == 1 and key in entities}
        for key in gone:
            self.assertEqual(components[key], {'p': entities[key]})
        self.assertEqual(gone, {'session_begin', 'session_finish', 'set_incline', 'unset_incline', 'rule_weekly_time',
                                'verdict_weekly_time', 'usual_moving', 'limit_moving', 'left_moving', 'ratio_moving'} |
                         {key for key, platform in entities.items() if platform in ('number', 'select', 'text', 'button')})


# ---- what is given to load ---------------------------------------------------------------------

class Input(str):
    """!input NAME of a blueprint"""


class Loader(yaml.SafeLoader):
    """A key that is there twice is a mistake, though YAML takes the second."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), '%s: a key is there twice: %s' % (node.start_mark, keys)
        return super().construct_mapping(node, deep)


Loader.add_constructor('!input', lambda loader, node: Input(loader.construct_scalar(node)))


def load(*path):
    with open(os.path.join(FILES, *path)) as f:
        text = f.read()
    return yaml.load(text, Loader), text # pylint: disable=no-member


def everything(value):
    """Every value inside, keys left out."""
    yield value
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from everything(inner)


def forbidden():
    with open(os.path.join(os.environ['STRIDED_SOURCE_ROOT'], 'tests', 'unit', 'forbidden.h')) as f:
        return [re.compile(word.replace('\\\\', '\\'), re.I) for word in re.findall(r'^    "(.+)",$', f.read(), re.M)]


class Shown(unittest.TestCase):
    """What all of these files have to keep."""

    def test_none_says_what_may_not_be_said(self):
        words = forbidden()
        self.assertGreater(len(words), 10)
        for path in glob.glob(os.path.join(FILES, '**', '*.yaml'), recursive=True):
            with open(path) as f:
                for line in f:
                    self.assertEqual([w.pattern for w in words if w.search(line)], [], (path, line))


# type of card: the keys that it needs, and those that it may have
CARDS = {
    'heading': ({'heading'}, {'icon'}),
    'tile': ({'entity', 'name'}, {'icon', 'features', 'hide_state', 'state_content'}),
    'entities': ({'entities'}, {'title'}),
    'markdown': ({'content'}, {'title'}),
    'history-graph': ({'entities'}, {'hours_to_show', 'title'}),
    'statistics-graph': ({'entities', 'stat_types', 'period'}, {'title', 'days_to_show', 'chart_type', 'min_y_axis'}),
    'logbook': ({'entities'}, {'hours_to_show', 'title'}),
}
ANY_CARD = {'type', 'visibility', 'grid_options'}
# of a tile: the platform that it is for
FEATURES = {'numeric-input': 'number', 'select-options': 'select'}


class Dashboard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.assistant = Assistant(story.messages)
        cls.dashboard, cls.text = load('dashboard.yaml')
        cls.text = cls.text.replace('.pi_', '.hall_')
        cls.dashboard = yaml.load(cls.text, Loader)
        cls.cards = [card for view in cls.dashboard['views'] for section in view['sections']
                     for card in section['cards']]

    def test_its_views_and_cards_have_what_they_need(self):
        self.assertEqual(set(self.dashboard), {'title', 'views'})
        paths = [view['path'] for view in self.dashboard['views']]
        self.assertEqual(len(paths), len(set(paths)))
        for view in self.dashboard['views']:
            self.assertEqual(set(view), {'title', 'path', 'icon', 'type', 'max_columns', 'sections'})
            self.assertEqual(view['type'], 'sections')
            for section in view['sections']:
                self.assertEqual((set(section) - {'visibility'}, section['type']), ({'type', 'cards'}, 'grid'))
        self.assertGreater(len(self.cards), 30)
        for card in self.cards:
            needed, more = CARDS[card['type']]
            self.assertLessEqual(needed, set(card), card)
            self.assertLessEqual(set(card) - ANY_CARD, needed | more, card)
            for entity in card.get('entities', ()):
                if isinstance(entity, dict): # without a name it is called after its device once more
                    self.assertEqual(set(entity), {'entity', 'name'}, card)
            for feature in card.get('features', ()):
                self.assertEqual(FEATURES[feature['type']], card['entity'].split('.')[0])

    def test_what_comes_and_goes_does_so_with_a_run(self):
        conditions = [condition for part in everything(self.dashboard) if isinstance(part, dict)
                      for condition in part.get('visibility', ())]
        self.assertGreater(len(conditions), 5)
        for condition in conditions:
            self.assertEqual((condition['condition'], condition['entity']), ('state', 'binary_sensor.anna_running'))
            self.assertEqual((set(condition) & {'state', 'state_not'}, condition.get('state', condition.get('state_not'))),
                             (set(condition) - {'condition', 'entity'}, 'on'))

    def named(self):
        """The entities of the cards, and those in templates."""
        ids = set(re.findall(r"'((?:%s)\.\w+)'" % '|'.join(PLATFORMS), self.text))
        for card in self.cards:
            for entity in card.get('entities', []) + [card.get('entity')]:
                ids.add(entity['entity'] if isinstance(entity, dict) else entity)
            ids.update(condition['entity'] for condition in card.get('visibility', ()))
        return ids - {None}

    def test_its_entities_are_those_of_discovery_and_enabled(self):
        named = self.named()
        self.assertGreater(len(named), 60)
        self.assertEqual({i for i in named if not i.startswith(PLATFORMS)}, set())
        self.assertEqual(named - set(self.assistant.entities), set())
        self.assertEqual({i for i in named if self.assistant.entities[i].component.get('en') is False}, set())

    def test_what_it_graphs_has_statistics(self):
        for card in self.cards:
            if card['type'] == 'statistics-graph':
                for entity in card['entities']:
                    self.assertEqual(self.assistant.entities[entity['entity']].component['stat_cla'], 'measurement')

    def test_its_names_can_be_changed_as_it_says(self):
        changes = re.findall(r"-e 's/([^/]+)/([^/]+)/g'", self.text.replace('.hall_', '.pi_'))
        self.assertEqual(len(changes), 4)
        for before, after in changes:
            self.assertIn(before.replace('\\', ''), ''.join(self.named()).replace('.hall_', '.pi_'), (before, after))
        command = re.search(r'^#   (sed (?:.*\\\n)*.*)$', self.text.replace('.hall_', '.pi_'), re.M).group(1).replace('\n#', '\n')
        with tempfile.TemporaryDirectory(prefix='strided-test-') as folder:
            shutil.copy(os.path.join(FILES, 'dashboard.yaml'), folder)
            subprocess.run(['sh', '-ec', command], cwd=folder, check=True, timeout=60, stdin=subprocess.DEVNULL)
            with open(os.path.join(folder, 'mine.yaml')) as f:
                mine = yaml.load(f, Loader)
        ids = {i for i in everything(mine) if isinstance(i, str) and i.startswith(PLATFORMS) and re.fullmatch(r'\w+\.\w+', i)}
        self.assertGreater(len(ids), 60)
        self.assertEqual({i for i in ids if re.search(r'\.(anna|pi)_|pod_42|strap_b7', i)}, set())

    def said(self, title, assistant):
        card = next(c for c in self.cards if c.get('title') == title)
        return [line.strip() for line in assistant.render(card['content']).splitlines() if line.strip()]

    def test_it_says_what_is_said_of_the_limits(self):
        said = self.said('What is said of it', self.assistant)
        on = [e for e in self.assistant.entities.values() if e.key.startswith('rule_') and e.state == 'ON']
        self.assertTrue(on)
        self.assertEqual(len([line for line in said if re.match(r'\*\*(Caution|Warning):\*\*', line)]), len(on))
        self.assertIn('when to see a doctor', said[-1])
        distance = self.assistant.entities['binary_sensor.anna_weekly_distance'].attributes
        self.assertIn('**%s:** %s' % (distance['verdict'].capitalize(), distance['sentence']), said)

    def test_it_says_what_is_not_judged_and_why(self):
        before = Assistant(story.before)
        *unjudged, last = self.said('What is said of it', before)
        self.assertEqual(last, 'No limit is passed by what is judged.')
        rules = [i for i in self.named() if i.startswith('binary_sensor.anna_') and 'verdict' in before.entities[i].attributes]
        words = lambda e: '**%s:** %s' % (e.attributes['verdict'].replace('_', ' ').capitalize(), e.attributes['sentence'])
        expected = {words(e) for e in map(before.entities.get, rules) if e.state == 'unknown'}
        self.assertEqual(set(unjudged), expected)
        self.assertTrue(any('No baseline' in line and 'descent' in line.lower() for line in unjudged), unjudged)
        # all of them, as after the first run: it is said once; and none
        for verdict in ('insufficient_history', 'no_baseline', 'ok'):
            for rule in rules:
                before.entities[rule].states = ['OFF' if verdict == 'ok' else 'None']
                before.entities[rule].attributes = {'verdict': verdict, 'sentence': 'Of %s.' % rule}
            self.assertEqual(self.said('What is said of it', before), ['No limit is passed.'] if verdict == 'ok' else [
                '**No verdict yet:** no rule has enough to judge by. Of %s.' % min(rules, key=self.text.index)])

    def test_it_says_what_happened(self):
        self.assertEqual(self.said('Last heard', Assistant([])), ['Nothing is heard yet, or the gateway is away.'])
        session, alert, file = self.said('Last heard', self.assistant)
        heard = {what: self.assistant.entities['event.anna_' + what].attributes for what in ('session', 'alert', 'import')}
        day = r'10 Mar \d\d:\d\d'
        self.assertRegex(session, r'^\*\*Session, %s:\*\* retracted$' % day)
        heard['session']['event_type'] = 'session_end'
        self.assertRegex(self.said('Last heard', self.assistant)[0], r'^\*\*Session, %s:\*\* session end\. %.2f km$' %
                         (day, heard['session']['distance_m'] / 1000))
        self.assertRegex(alert, r'^\*\*Alert, %s:\*\* %s\. %s$' %
                         (day, heard['alert']['event_type'], re.escape(heard['alert']['sentence'])))
        self.assertRegex(file, r'^\*\*File, %s:\*\* imported\. later.gpx$' % day)

    def test_it_says_when_nothing_is_heard(self):
        nothing = ['Nothing is heard of the rules: the gateway is away, or they have other ids than in this card.']
        self.assertEqual(self.said('What is said of it', Assistant([])), nothing)
        for entity in (away := Assistant(story.before)).entities.values():
            entity.unavailable = True
        self.assertEqual(self.said('What is said of it', away), nothing)

    def test_it_says_what_is_wrong(self):
        problems = self.assistant.state_attr('binary_sensor.hall_problem', 'problems')
        self.assertEqual(self.said('What is wrong', self.assistant), ['- ' + p for p in problems] or ['Nothing.'])
        self.assertEqual(self.said('What is wrong', Assistant([])), ['Nothing is heard of the gateway.'])


SELECTORS = {'action', 'boolean', 'entity', 'number', 'select', 'time'}
TRIGGERS = { # the keys that it needs, and those that it may have
    'time': ({'at'}, set()),
    'state': ({'entity_id'}, {'from', 'to', 'attribute'}),
    'numeric_state': ({'entity_id', 'below'}, set()),
}


class Blueprints(unittest.TestCase):
    NAMES = ('before_i_go_out', 'limit_passed', 'battery_low')

    def setUp(self):
        self.loaded = {name: load('blueprints', name + '.yaml')[0] for name in self.NAMES}
        self.assistant = Assistant(story.messages)

    def test_all_of_them_are_looked_at(self):
        there = os.listdir(os.path.join(FILES, 'blueprints'))
        self.assertEqual({name + '.yaml' for name in self.NAMES}, set(there))

    def test_each_says_what_it_is(self):
        for name, blueprint in self.loaded.items():
            about = blueprint['blueprint']
            self.assertEqual(set(about), {'name', 'description', 'domain', 'author', 'homeassistant', 'input'}, name)
            self.assertEqual(about['domain'], 'automation')
            self.assertRegex(about['homeassistant']['min_version'], r'^\d{4}\.\d+\.\d+$')
            self.assertTrue(about['name'].startswith('strided: '))

    def test_each_is_an_automation(self):
        for name, blueprint in self.loaded.items():
            self.assertTrue({'blueprint', 'mode', 'triggers', 'actions'} <= set(blueprint) <= {
                'blueprint', 'mode', 'max', 'max_exceeded', 'triggers', 'variables', 'conditions', 'actions'}, name)
            self.assertIn(blueprint['mode'], ('single', 'queued'))
            self.assertEqual('max' in blueprint, blueprint['mode'] == 'queued')
            for trigger in blueprint['triggers']:
                needed, more = TRIGGERS[trigger['trigger']]
                self.assertTrue(needed <= set(trigger) - {'trigger', 'id'} <= needed | more, trigger)
            for condition in blueprint.get('conditions', ()):
                self.assertEqual((set(condition), condition['condition']),
                                 ({'condition', 'value_template'}, 'template'))
            self.assertEqual(blueprint['actions'], Input('tell'))

    def test_every_input_has_a_selector_and_is_used_and_no_other_is(self):
        for name, blueprint in self.loaded.items():
            inputs = blueprint['blueprint']['input']
            body = {key: value for key, value in blueprint.items() if key != 'blueprint'}
            self.assertEqual({str(v) for v in everything(body) if isinstance(v, Input)}, set(inputs), name)
            for key, row in inputs.items():
                self.assertTrue({'name', 'selector'} <= set(row) <= {'name', 'selector', 'description', 'default'}, key)
                self.assertEqual(len(row['selector']), 1, key)
                kind, settings = next(iter(row['selector'].items()))
                self.assertIn(kind, SELECTORS)
                if kind == 'entity':
                    self.check_entity(key, settings)
                if kind == 'select':
                    options = [o['value'] for o in settings['options']]
                    self.assertTrue(set(row['default']) <= set(options) and settings['multiple'] is True, key)
                if kind == 'number':
                    self.assertTrue(settings['min'] <= row['default'] <= settings['max'], key)

    def check_entity(self, key, settings):
        """One that can be chosen for it was announced, where it is to be ours."""
        self.assertLessEqual(set(settings), {'multiple', 'filter'}, key)
        for row in settings['filter']:
            self.assertLessEqual(set(row), {'integration', 'domain', 'device_class'}, key)
            ours = [e for e in self.assistant.entities.values() if e.platform == row['domain'] and
                    row.get('device_class') in (None, e.component.get('dev_cla'))]
            self.assertTrue(ours or 'integration' not in row, key)

    def test_what_it_tells_can_be_used_in_what_is_done(self):
        for name, blueprint in self.loaded.items():
            tell = blueprint['blueprint']['input']['tell']
            self.assertEqual(tell['default'][0]['data'], {'title': '{{ title }}', 'message': '{{ message }}'}, name)
            self.assertLessEqual({'title', 'message'}, set(blueprint['variables']))

    def run_blueprint(self, name, assistant, inputs, trigger, **more):
        """(whether it would do it, its message), as its variables and conditions go."""
        blueprint = self.loaded[name]
        defaults = {k: v.get('default') for k, v in blueprint['blueprint']['input'].items()}
        values, variables = {**defaults, **inputs}, {'trigger': trigger, **more}
        for key, value in blueprint['variables'].items():
            variables[key] = values[value] if isinstance(value, Input) else assistant.render(value, **variables)
        holds = all(assistant.render(c['value_template'], **variables).strip() == 'True'
                    for c in blueprint.get('conditions', ()))
        return holds, variables['message'].strip(), variables['title'].strip()

    def test_it_tells_what_is_left_before_one_goes_out(self):
        inputs = {'left_distance': 'sensor.anna_left_today_distance', 'left_descent': 'sensor.anna_left_today_descent',
                  'rules': ['binary_sensor.anna_weekly_distance']}
        friday = {'now': lambda: datetime.datetime(2026, 11, 27, 7)}
        before = Assistant(story.before)
        holds, message, _ = self.run_blueprint('before_i_go_out', before, inputs, {'id': 'time'}, **friday)
        self.assertTrue(holds)
        self.assertRegex(message, r'^Left today: 0\.52 km of distance, \d+ m of descent\.$')
        _, message, _ = self.run_blueprint('before_i_go_out', self.assistant, inputs, {'id': 'time'}, **friday)
        self.assertRegex(message, r'^Left today: 0\.00 km of distance, .*\. Running distance in the last 7 days: ')
        _, message, _ = self.run_blueprint('before_i_go_out', Assistant([]), inputs, {'id': 'time'}, **friday)
        self.assertEqual(message, 'Left today: what is left of distance is not known, '
                                  'what is left of descent is not known. '
                                  'Of binary_sensor.anna_weekly_distance nothing is known.')
        # of a rule without a verdict, why there is none
        inputs['rules'] = ['binary_sensor.anna_weekly_descent', 'binary_sensor.anna_gone']
        descent = before.entities['binary_sensor.anna_weekly_descent']
        descent.states, descent.attributes = ['None'], {'verdict': 'insufficient_data', 'sentence': 'No verdict: too little is known.'}
        _, message, _ = self.run_blueprint('before_i_go_out', before, inputs, {'id': 'time'}, **friday)
        self.assertRegex(message, r'\. No verdict: too little is known\. Of binary_sensor\.anna_gone nothing is known\.$')
        descent.unavailable = True
        _, message, _ = self.run_blueprint('before_i_go_out', before, inputs, {'id': 'time'}, **friday)
        self.assertIn(' Of %s nothing is known.' % descent.friendly_name, message)
        inputs['weekdays'] = ['mon', 'sun']
        self.assertFalse(self.run_blueprint('before_i_go_out', before, inputs, {'id': 'time'}, **friday)[0])
        self.assertTrue(self.run_blueprint('before_i_go_out', before, inputs, {'id': 'door'}, **friday)[0])

    def test_it_tells_of_a_limit_what_was_asked_for(self):
        def run(news, verdict, **inputs):
            state = {'attributes': {'event_type': news, 'verdict': verdict, 'sentence': 'A sentence.', 'rule': 'r'}}
            return self.run_blueprint('limit_passed', self.assistant, inputs,
                                      {'to_state': state, 'from_state': {'state': '2026-11-27T06:00:00.000+00:00'}})
        self.assertEqual(run('crossed', 'caution'), (True, 'A sentence.', 'A limit is passed'))
        for expected, news, verdict, inputs in (
                (True, 'crossed', 'warning', {'verdicts': ['warning']}),
                (False, 'crossed', 'caution', {'verdicts': ['warning']}),
                (True, 'reminded', 'caution', {}), (False, 'reminded', 'caution', {'reminders': False}),
                (False, 'cleared', 'ok', {}), (True, 'cleared', 'ok', {'over': True}),
                (True, 'retracted', 'ok', {'over': True})):
            self.assertEqual(run(news, verdict, **inputs)[0], expected, (news, verdict, inputs))
        events = [json.loads(s) for s in self.assistant.entities['event.anna_alert'].states if s]
        def after(before, at):
            state = {'state': at, 'attributes': events[0]}
            return self.run_blueprint('limit_passed', self.assistant, {}, {'to_state': state, 'from_state': before},
                                      now=lambda: datetime.datetime(2026, 11, 27, 7, tzinfo=datetime.timezone.utc))
        holds, message, _ = after({'state': 'unavailable'}, '2026-11-27T06:59:30.000+00:00')
        self.assertFalse(after({'state': 'unavailable'}, '2026-11-27T05:00:00.000+00:00')[0])
        self.assertFalse(after(None, '2026-11-27T05:00:00.000+00:00')[0])
        self.assertEqual((holds, message), (True, '%(sentence)s\n\n%(explain)s' % events[0]))
        self.assertIn('doctor', message)

    def test_it_tells_of_a_battery(self):
        pod, strap = (self.assistant.entities['sensor.sensor_%s_battery' % name] for name in ('pod_42', 'strap_b7'))
        inputs = {'batteries': [strap.entity_id, pod.entity_id, 'sensor.gone']}
        def fell(before):
            return self.run_blueprint('battery_low', self.assistant, inputs, {
                'id': 'falls', 'from_state': before, 'to_state': {'name': 'Sensor pod-42 Battery', 'state': '15'}})[:2]
        self.assertEqual(fell({'state': '20'}), (True, 'Sensor pod-42 Battery: 15 %'))
        for before in ({'state': 'unknown'}, {'state': 'unavailable'}, None): # as after each start of strided
            self.assertFalse(fell(before)[0])
        def day():
            return self.run_blueprint('battery_low', self.assistant, inputs, {'id': 'day'})[:2]
        pod.states, strap.states = ['87'], ['20']
        self.assertEqual(day(), (False, ''))
        pod.states = ['15']
        self.assertEqual(day(), (True, '%s: 15 %%' % pod.friendly_name))
        strap.states = ['3']
        self.assertEqual(day(), (True, '%s: 3 %%\n%s: 15 %%' % (strap.friendly_name, pod.friendly_name)))
        pod.states, strap.unavailable = ['None'], True
        self.assertEqual(day(), (False, ''))


if __name__ == '__main__':
    run_tests()
