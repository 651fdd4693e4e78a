# SPDX-License-Identifier: MIT
"""A runner with five weeks of runs, and what the rules say of today: what the tests of rules share. The weeks
before are rows of the store, as sessions that ended left them; today's run is the simulated pod's."""
import datetime
import json
import os
import sqlite3

import schemas
from world import POD, Case, sensor

# Small floors, so that a run of some minutes is enough; by time nothing is told here.
SETTINGS = """[HomeAssistant]
Discovery=yes
[Rule weekly_distance]
Floor=100
[Rule weekly_time]
Notify=no
[Runner anna]
TimeZone=UTC
Sex=female
MaxHeartRate=190
RestHeartRate=50
"""
ON = {'weekly_distance', 'weekly_time', 'weekly_downhill', 'weekly_downhill_distance', 'spike_distance',
      'spike_descent', 'first_descent', 'uphill_base'}
TODAY = datetime.datetime(2027, 3, 10, 10, tzinfo=datetime.timezone.utc)
DAY = datetime.timedelta(days=1)
# Three runs of 400 m in each week, the last of them two days ago: 800 m before today's
USUAL = [(7 * week + day, 400) for week in range(5) for day in (2, 4, 7)]


class RulesCase(Case):
    def prepare(self, runs=USUAL, config='', today=TODAY, hikes=()):
        """A world whose daemon has made its store, with these runs (days ago, metres) in it, and hikes (days
        ago, metres, down)."""
        self.world = self.make_world(SETTINGS + config + sensor('pod', POD),
                                     ['pod:P:%s:awake,scenario=idle,sleep=100000' % POD], clock=20)
        self.heard = self.world.listen()
        self.world.sim.ctl('clock wall %d' % today.timestamp())
        self.world.start_ready()
        self.world.stop()
        self.seed([(ago, metres, 0, 'run') for ago, metres in runs] + [hike + ('walk',) for hike in hikes], today)
        return self.world

    def seed(self, outings, today):
        with sqlite3.connect(os.path.join(str(self.world.state), 'strided.db')) as db:
            for n, (ago, metres, drop, kind) in enumerate(sorted(outings, reverse=True)):
                start = today - ago * DAY - datetime.timedelta(hours=2)
                at = int(start.timestamp() * 1e6)
                db.execute('INSERT INTO sessions (id, runner, kind, state, day, start_usec, end_usec,'
                           ' utc_offset_s, elapsed_s, moving_s, distance_m, downhill_drop_m,'
                           ' downhill_distance_m, altitude_m, source_distance)'
                           ' VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)',
                           ('seed-%d-%s' % (n, start.date()), 'anna', kind, 'ended',
                            str(start.date()), at, at + int(metres * 0.36e6), metres * 0.36,
                            metres * 0.36, metres, drop, drop * 10, metres, 'pod'))
            # the latest as a kill leaves it between its row and what follows from that
            db.execute('INSERT INTO unjudged (runner, id)'
                       ' SELECT runner, id FROM sessions ORDER BY start_usec DESC LIMIT 1')
        db.close()

    def alerts(self):
        """As they were said last, by rule; what was cleared is not in it."""
        return {topic.rsplit('/', 1)[1]: json.loads(text) for topic, text in self.kept().items()
                if '/alert/' in topic}

    def kept(self):
        """What somebody who comes now is told by the broker."""
        late = self.world.subscribe('strided/#')
        return {m.topic: m.text for m in late.all() if m.retain}

    def wait_alert(self, rule, verdict, since=0):
        return self.heard.wait('/alert/%s$' % rule, lambda m: m.text and m.json['verdict'] == verdict,
                               since=since).json

    def news(self):
        """Of the rules so far: (rule, what, verdict). An event that the broker did not acknowledge before a
        kill comes again under its id, which is how a reader knows it."""
        self.heard.catch_up()
        by_id = {e['id']: e['body'] for e in self.heard.events() if e['kind'] == 'alert'}
        return [(b['alert']['rule'], b['news'], b['alert']['verdict']) for b in by_id.values()]

    def wait_news(self, rule, news, verdict):
        return self.heard.wait('/event$', lambda m: m.json['kind'] == 'alert' and (
            m.json['body']['alert']['rule'], m.json['body']['news'],
            m.json['body']['alert']['verdict']) == (rule, news, verdict)).json

    def check_schemas(self):
        self.heard.catch_up()
        for body in self.heard.bodies('/week$'):
            schemas.check('week', body)
        for body in self.heard.bodies('/alert/'):
            schemas.check('alert', body)
        for event in self.heard.events():
            schemas.check('event', event)
            if event['kind'] == 'alert':
                schemas.check('notice', event['body'])

    def begin_to_run(self):
        self.world.sim.ctl('scenario P steady')
