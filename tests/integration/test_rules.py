# SPDX-License-Identifier: MIT
"""The rules on weeks of a training log: what is told, once, over a live run, restarts, midnights and a
reload. Every message is held to its schema."""
import datetime
import os
import re
import signal
import sqlite3

import schemas
from rules import DAY, ON, SETTINGS, TODAY, USUAL, RulesCase
from world import run_tests


class Rules(RulesCase):
    # ---- what is so now ----

    def test_after_a_start_the_week_and_every_rule_that_is_on_are_there(self):
        self.prepare().start_ready()
        self.wait_alert('uphill_base', 'ok')
        self.heard.catch_up()
        alerts = self.alerts()
        self.assertEqual(set(alerts), ON)
        week = self.heard.bodies('/week$')[-1]
        distance = week['measures']['distance_m']
        self.assertEqual(week['day'], '2027-03-10')
        self.assertEqual((distance['total'], distance['reference'], distance['limit'],
                          distance['left_today'], distance['frees_tomorrow'], distance['verdict'],
                          distance['evidence'], distance['calendar_week']),
                         (800, 1200, 1320, 520, 0, 'ok', 'C', '2027-03-08'))
        drop = week['measures']['downhill_drop_m']
        self.assertEqual((drop['total'], drop['coverage_pct'], drop['verdict']), (0, 100, 'ok'))
        spike = alerts['spike_distance']
        self.assertEqual((spike['verdict'], spike['value'], spike['reference'], spike['limit'],
                          spike['left_today'], spike['unit']), ('ok', None, 400, 900, 900, 'm'))
        self.assertIn('0.4 km', spike['sentence'])
        self.assertIn('Frandsen 2025', spike['explain'])
        self.assertEqual(self.news(), [])
        self.check_schemas()

    def test_without_a_log_nothing_is_judged_and_it_is_said(self):
        self.prepare(runs=[]).start_ready()
        self.assertEqual(self.wait_alert('weekly_distance', 'insufficient_history')['limit'], None)
        spike = self.wait_alert('spike_distance', 'no_baseline')
        self.assertEqual((spike['value'], spike['limit'], spike['evidence']), (None, None, None))
        measures = self.heard.bodies('/week$')[-1]['measures']
        self.assertEqual((measures['distance_m']['total'], measures['distance_m']['left_today']), (0, None))
        self.check_schemas()

    def test_a_week_of_hikes_has_descents_and_says_who_walked_them(self):
        self.prepare(hikes=[(1, 9000, 300), (3, 4000, 20)]).start_ready()
        self.wait_alert('weekly_downhill', 'warning')
        self.heard.catch_up()
        week = self.heard.bodies('/week$')[-1]
        measures = week['measures']
        self.assertEqual((measures['distance_m']['total'], measures['distance_m']['verdict']), (800, 'ok'))
        self.assertEqual((measures['downhill_drop_m']['total'], measures['downhill_distance_m']['total']),
                         (320, 3200))
        self.assertEqual(week['walked'], {'distance_m': 13000, 'moving_s': 4680, 'downhill_drop_m': 320,
                                          'downhill_distance_m': 3200})
        status, out, err = self.world.stridectl('week')
        self.assertEqual((status, err), (0, ''))
        self.assertRegex(out, r'(?m)^WEEK +DONE +USUAL +LIMIT +LEFT TODAY +OUT TOMORROW +VERDICT$')
        self.assertRegex(out, r'(?m)^running/km +0\.8 +1\.2 +1\.3 +0\.5 +0\.0 +ok$')
        self.assertRegex(out, r'(?m)^descent/m +320 +0 +50 +0 +0 +warning$')
        self.assertIn('\nWalked besides: 13.0 km, of which the descent counts above: 320 m.\n', out)
        self.assertIn('stridectl explain RULE', out)
        status, out, err = self.world.stridectl('explain', 'weekly_downhill')
        self.assertEqual((status, err), (0, ''))
        self.assertRegex(out, r'^weekly_downhill: warning, since 2027-03-10T')
        text = out.replace('\n', ' ')
        for part in ('Descent in the last 7 days: 320 m', 'Measured: metres of height lost', 'See a doctor, whatever',
                     '- after an accident or fever'):
            self.assertIn(part, text)
        self.assertRegex(out, r'(?m)^  W0 +the last 7 days, 2027-03-04 to 2027-03-10: 320 m$')
        self.assertRegex(out, r'(?m)^ +2027-03-07 20 m, 2027-03-09 300 m$')
        self.assertRegex(text, r'In short: 320 m against 0 m, and up to 50 m for a caution: warning Why that limit: ')
        self.assertRegex(text, r'Evidence: D: an analogy of ours')
        self.assertRegex(text, r'Source: \S+')
        self.assertRegex(text, r'What it does not mean: +It is no measured limit: nobody has compared weeks of')
        self.assertLessEqual(max(map(len, out.splitlines())), 80)
        discovery = self.world.subscribe('homeassistant/#')
        discovery.wait('runner_anna/config$', lambda m: 'walked_downhill_drop' in m.json['cmps'])
        self.check_schemas()

    # ---- a run ----

    def test_a_live_run_counts_down_crosses_once_and_is_taken_back_when_it_is_discarded(self):
        world = self.prepare()
        world.start_ready()
        self.begin_to_run()
        run = world.wait_event('session_start')['body']
        crossed = self.wait_news('weekly_distance', 'crossed', 'caution')['body']['alert']
        self.assertGreater(crossed['value'], 1320)
        self.assertEqual((crossed['reference'], crossed['limit'], crossed['left_today'],
                          crossed['evidence']), (1200, 1320, 0, 'C'))
        self.assertIn('No study sets a limit', crossed['sentence'])
        left = [m['left_today']['distance_m'] for m in self.heard.bodies('/now$')]
        self.assertEqual(left, sorted(left, reverse=True))
        self.assertGreater(left[0], 400)
        self.assertEqual(left[-1], 0)
        world.stop(signal.SIGKILL)
        stored = world.state.rows("SELECT standing FROM verdicts WHERE rule = 'weekly_distance'")
        self.assertEqual([row['standing'] for row in stored], ['caution']) # with its event
        world.start_ready()
        self.wait_news('weekly_distance', 'crossed', 'warning')
        self.wait_news('spike_distance', 'crossed', 'warning')
        expected = [('weekly_distance', 'crossed', 'caution'), ('weekly_distance', 'crossed', 'warning'),
                    ('spike_distance', 'crossed', 'warning')]
        self.assertEqual(self.news(), expected)
        world.ctl('session', 'do=stop', 'runner=anna')
        world.wait_event('session_end')
        world.stop()
        world.start_ready() # it is all told: silence
        self.assertEqual(self.wait_alert('spike_distance', 'warning')['value'] > 900, True)
        self.assertEqual(self.news(), expected)
        world.ctl('session', 'do=discard', 'id=%s' % run['id'])
        self.wait_news('weekly_distance', 'retracted', 'ok')
        self.wait_news('spike_distance', 'retracted', 'ok')
        self.assertEqual(self.alerts()['weekly_distance']['value'], 800)
        self.assertEqual(len(self.news()), 5)
        self.check_schemas()

    def test_what_was_said_of_a_run_is_taken_back_though_another_came_after_it(self):
        world = self.prepare()
        world.start_ready()
        self.begin_to_run()
        run = world.wait_event('session_start')['body']
        crossed = self.wait_news('spike_distance', 'crossed', 'warning')
        world.sim.ctl('scenario P idle')
        world.ctl('session', 'do=stop', 'runner=anna')
        world.wait_event('session_end')
        world.stop(signal.SIGKILL)
        later = TODAY + datetime.timedelta(hours=6)
        world.sim.ctl('clock wall %d' % later.timestamp())
        self.seed([(0, 50, 0, 'run')], later)
        with sqlite3.connect(os.path.join(str(world.state), 'strided.db')) as db: # from the watch
            db.execute("UPDATE sessions SET file = ?, source_distance = 'file' WHERE distance_m = 50", ['ab' * 32])
        db.close()
        since = len(self.heard.all())
        world.start_ready()
        self.assertEqual(self.wait_alert('spike_distance', 'ok', since)['value'], 50)
        self.assertNotIn('retracted', [what for _, what, _ in self.news()])
        world.ctl('session', 'do=discard', 'id=%s' % run['id'])
        taken_back = self.wait_news('spike_distance', 'retracted', 'ok')
        self.assertNotEqual(taken_back['id'], crossed['id'])
        world.stop(signal.SIGKILL)
        world.start_ready()
        self.wait_alert('spike_distance', 'ok', since)
        self.assertEqual(self.news().count(('spike_distance', 'retracted', 'ok')), 1)
        self.check_schemas()

    # ---- what a person says to it ----

    def told(self, **arguments):
        answer = self.world.ask('alerts', dict(arguments, runner='anna'))
        self.assertEqual(answer['status'], 'ok', answer)
        return answer['data']

    def test_what_was_said_is_told_again_and_who_has_seen_it_hears_of_what_is_worse(self):
        world = self.prepare()
        world.start_ready()
        self.assertEqual((self.told()['said'], self.told()['snoozed']), ([], []))
        self.begin_to_run()
        run = world.wait_event('session_start')['body']
        event = self.wait_news('weekly_distance', 'crossed', 'caution')
        data = self.told()
        self.assertEqual({a['rule'] for a in data['alerts']}, ON)
        for alert in data['alerts']:
            schemas.check('alert', alert)
        said = data['said'][-1]
        self.assertEqual({k: said[k] for k in ('id', 'rule', 'news', 'verdict', 'day', 'session', 'acknowledged',
                                               'snoozed_until', 'reference', 'limit', 'unit', 'evidence')},
                         {'id': event['id'], 'rule': 'weekly_distance', 'news': 'crossed', 'verdict': 'caution',
                          'day': '2027-03-10', 'session': run['id'], 'acknowledged': False, 'snoozed_until': None,
                          'reference': 1200, 'limit': 1320, 'unit': 'm', 'evidence': 'C'})
        self.assertEqual(said['sentence'], event['body']['alert']['sentence'])
        status, out, err = world.stridectl('acknowledge', 'weekly_distance')
        self.assertEqual((status, err), (0, ''))
        self.assertIn('weekly_distance: seen.', out)
        world.stop(signal.SIGKILL)
        stored = world.state.rows("SELECT seen_usec FROM verdicts WHERE rule = 'weekly_distance'")
        self.assertGreater(stored[0]['seen_usec'], 0)
        world.start_ready()
        self.wait_news('weekly_distance', 'crossed', 'warning') # it is worse
        self.wait_for(lambda: 'warning' in [s['verdict'] for s in self.told()['said']], 'the warning to be stored')
        seen = {(s['rule'], s['verdict']): s['acknowledged'] for s in self.told(days=1)['said']}
        self.assertEqual((seen['weekly_distance', 'caution'], seen['weekly_distance', 'warning']), (True, False))
        status, out, err = world.stridectl('alerts')
        self.assertEqual((status, err), (0, ''))
        self.assertRegex(out, r'(?m)^weekly_distance +warning +2027-03-10T\S+ +no +-$')
        self.assertRegex(re.sub(r'\n +', ' ', out), r'weekly_distance: crossed caution, session %s, seen' % run['id'])
        self.assertIn('stridectl explain RULE', out.replace('\n', ' '))
        world.ctl('session', 'do=stop', 'runner=anna') # its session is found in the store then
        world.wait_event('session_end')
        self.assertEqual(self.told()['said'][-1]['session'], run['id'])
        self.assertEqual(world.ask('acknowledge', {'runner': 'anna'})['data']['rule'], None)
        self.assertNotIn(False, [s['acknowledged'] for s in self.told()['said']])
        self.check_schemas()

    def test_a_snoozed_rule_says_nothing_and_shows_what_is_so(self):
        world = self.prepare()
        world.start_ready()
        status, out, err = world.stridectl('snooze', '24', 'weekly_distance')
        self.assertEqual((status, err), (0, ''))
        self.assertRegex(out, r'(?m)^weekly_distance: no message until 2027-03-11T10:')
        self.begin_to_run()
        world.wait_event('session_start')
        self.wait_alert('weekly_distance', 'caution')
        world.stop(signal.SIGKILL)
        world.start_ready()
        self.assertIsNone(self.wait_alert('weekly_distance', 'warning')['since'])
        self.wait_news('spike_distance', 'crossed', 'warning')
        self.assertEqual(self.news(), [('spike_distance', 'crossed', 'warning')])
        data = self.told()
        self.assertEqual([s['rule'] for s in data['snoozed']], ['weekly_distance'])
        self.assertEqual({s['rule'] for s in data['said']}, {'spike_distance'})
        for words in (('alerts',), ('explain', 'weekly_distance')):
            self.assertIn('doctor', world.stridectl(*words)[1])
        self.assertIn('- a knee that gives way', world.stridectl('explain', 'weekly_distance')[1])
        self.assertEqual(world.stridectl('snooze', '0', 'weekly_distance'),
                         (0, 'weekly_distance: told again from now on.\n', ''))
        self.assertEqual(self.told()['snoozed'], [])
        self.check_schemas()

    # ---- days ----

    def test_midnight_clears_what_stands_and_says_so_once(self):
        world = self.prepare(runs=USUAL + [(0, 850)])
        world.start_ready() # as if killed when the run was stored and nothing was said of it
        told = self.wait_news('weekly_distance', 'crossed', 'warning')
        self.assertEqual(told['body']['alert']['value'], 1650)
        late = TODAY + 6 * DAY # the run of 2 days ago is out of the week, and was the day before
        with world.at_rate(1): # all of it in the last minute of the day
            world.sim.ctl('clock wall %d' % late.replace(hour=23, minute=59).timestamp())
            self.heard.wait('/week$', lambda m: m.text and m.json['day'] == '2027-03-16')
            cleared = self.wait_news('weekly_distance', 'cleared', 'ok')
            self.assertEqual(cleared['body']['alert']['value'], 850)
            self.assertEqual(self.alerts()['weekly_distance']['since'], None)
        world.pass_time(90) # midnight comes by itself
        self.heard.wait('/week$', lambda m: m.text and m.json['day'] == '2027-03-17')
        self.assertEqual([n[1] for n in self.news()], ['crossed', 'cleared'])
        self.check_schemas()

    def test_what_was_said_stands_over_a_start_without_a_clock(self):
        world = self.prepare(runs=USUAL + [(0, 850)])
        world.start_ready()
        self.wait_alert('weekly_distance', 'warning')
        real = world.now()[1]
        world.stop()
        since = self.heard.mark()
        world.sim.ctl('clock wall 5000') # 1970, as a Pi without a battery clock begins
        world.start_ready()
        self.heard.wait('hall/status$', lambda m: m.text == 'online', since=since)
        world.pass_time(12) # for so long it looks for what is over
        self.heard.catch_up()
        self.assertEqual([m for m in self.heard.all('/week$|/alert/', since=since)], [])
        self.assertEqual(set(self.alerts()), ON)
        world.sim.ctl('clock wall %d' % real)
        self.wait_alert('weekly_distance', 'warning', since)
        self.heard.wait('/week$', since=since)
        self.heard.catch_up()
        self.assertEqual([m for m in self.heard.all('/week$|/alert/', since=since) if not m.text], [])
        self.check_schemas()

    # ---- settings ----

    def test_a_rule_that_is_switched_off_leaves_no_topic_behind(self):
        world = self.prepare(runs=USUAL + [(0, 850)])
        world.start_ready()
        self.wait_news('weekly_distance', 'crossed', 'warning')
        discovery = world.subscribe('homeassistant/#')
        discovery.wait('runner_anna/config$', lambda m: 'dev_cla' in m.json['cmps']['rule_weekly_distance'])
        since = self.heard.mark()
        world.write_config(world.config_text.replace('Floor=100\n', 'Enable=no\n'))
        world.daemon.process.send_signal(signal.SIGHUP)
        self.heard.wait('/alert/weekly_distance$', lambda m: not m.text, since=since)
        self.heard.wait('/week$', lambda m: m.text and m.json['measures']['distance_m']['limit'] is None
                        and m.json['measures']['distance_m']['total'] == 1650, since=since)
        self.assertEqual(set(self.alerts()), ON - {'weekly_distance'})
        self.assertEqual([n[1] for n in self.news()], ['crossed'])
        discovery.wait('runner_anna/config$', lambda m: m.text and
                       m.json['cmps']['rule_weekly_distance'] == {'p': 'binary_sensor'})
        self.check_schemas()
        # and nothing at all of a runner who is gone
        world.write_config(SETTINGS.replace('[Runner anna]', '[Runner ben]'))
        world.daemon.process.send_signal(signal.SIGHUP)
        self.heard.wait('/anna/week$', lambda m: not m.text, since=since)
        self.heard.wait('/ben/alert/weekly_distance$', lambda m: m.text, since=since)
        self.wait_for(lambda: not [t for t in self.kept() if '/anna/' in t], 'nothing of anna to be left')


if __name__ == '__main__':
    run_tests()
