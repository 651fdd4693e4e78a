# SPDX-License-Identifier: MIT
"""The week with more downhill than usual, in half a minute: files of five weeks come in, then a run on a treadmill
that tilts.

    outings.py -> files -> [Import] -> log of days ---+
                                                      +--> week, alert, event --MQTT--> bars.py
    simulated treadmill, 20 min level, 8 min down ----+                                 |
        |                                                                               |
        +---- what it did, and what was put into the files (expected.py) == what was said

The clock of simulator and daemon is a simulated one: it begins at the next 17:00 UTC, so that no
midnight falls into the run, and goes --rate times as fast while somebody runs.
"""
import contextlib
import datetime
import os

import expected
import outing_files
import outings
from checks import check_end, report
from stage import PATIENCE_S, ROOT, Failure, Stage
from week_checks import check_week
from week_screen import WeekScreen, WeekView, time_of

SEED = 1
RATE_MAX = 120          # the sensors' packets are a message each
CALM_RATE = 10          # while files are read: that is real work, whatever the clock says
HOUR = 17
COURSE_S = 5 + 1200 + 480   # the scenario `tilt`
SETTLE_S = 15           # simulated: nothing comes of the run any more
RUNNER = 'anna'
WHY = 'Why, and when to see a doctor whatever is said here: stridectl explain RULE'
NAMES = ('belt', 'pod', 'strap')
SENSORS = ['belt:belt:C0:DE:00:00:00:03:awake,scenario=idle,model=Demo Treadmill',
           'pod:pod:C0:DE:00:00:00:01:scenario=idle,model=Demo Pod',
           'strap:strap:C0:DE:00:00:00:02:scenario=idle,model=Demo Strap,battery=64']
CONFIG = """[Import]
Folder={folder}

# Her watch and her phone have barometers; of GPX files only she can know.
[Runner anna]
DisplayName=Anna
TimeZone=UTC
FileAltitude=barometric
Sex=female
BirthYear=1988
MaxHeartRate=186
RestHeartRate=54

[Sensor belt]
Address=C0:DE:00:00:00:03
Runner=anna
Grace=0s

[Sensor pod]
Address=C0:DE:00:00:00:01
Runner=anna
CadenceUnit=strides
Grace=0s

[Sensor strap]
Address=C0:DE:00:00:00:02
Runner=anna
Grace=0s
"""


def next_evening(now):
    """The next time the hour begins, from a time of day on."""
    evening = now.astimezone(outings.UTC).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return evening if evening > now else evening + datetime.timedelta(days=1)


class Treadmill:
    """What it did, at which simulated time: between two looks it went on evenly."""

    def __init__(self):
        self.rows = []      # wall, descent, distance, speed

    def note(self, wall, truth):
        self.rows.append((wall, truth['descent_m'], truth['distance_m'], truth['speed_m_s']))

    def descent_at(self, wall):
        before, after = self.rows[0], self.rows[-1]
        for row in self.rows:
            if row[0] <= wall:
                before = row
            else:
                after = row
                break
        share = (wall - before[0]) / (after[0] - before[0]) if after[0] > before[0] else 0
        return before[1] + min(max(0, share), 1) * (after[1] - before[1])

    @property
    def descent_m(self):
        return self.rows[-1][1]

    @property
    def distance_m(self):
        return self.rows[-1][2]

    def stood_since(self):
        """Simulated time of the first look at which it stood, after it had tilted; None: not yet."""
        since = None
        for wall, descent_m, _, speed_m_s in reversed(self.rows):
            if speed_m_s > 0.1 or descent_m == 0:
                break
            since = wall
        return since


class Story(Stage):
    PROGRAM = os.path.join('tests', 'sim', 'strided-sim')

    def __init__(self, stack, folder, rate):
        super().__init__(stack, folder)
        self.rate, self.view, self.treadmill = rate, WeekView(ROOT, RUNNER), Treadmill()
        self.begin = self.outings = self.files = self.ran_at = None
        self.weeks, self.kept, self.session, self.answer = [], {}, None, None

    def start(self, build):
        self.make_outings(datetime.datetime.now(outings.UTC))
        for folder in ('files', os.path.join('files', RUNNER)):
            os.mkdir(self.path(folder))
        self.start_all(os.path.join(build, self.PROGRAM), CONFIG.format(folder=self.path('files')), SENSORS,
                       clock=True)

    def make_outings(self, now):
        self.begin = next_evening(now)
        self.outings = outings.five_weeks(self.begin, SEED)
        self.files = outing_files.files_of(self.outings)

    def before_daemon(self):
        self.sim.ctl('clock wall %d' % self.begin.timestamp())
        self.sim.ctl('clock rate %d' % min(self.rate, CALM_RATE))

    def make_screen(self, out, _):
        return WeekScreen(out, self.view, self.rate)

    # ---- what comes in ------------------------------------------------------------------------

    def _take(self, message):
        super()._take(message)
        topic, body = message.topic[len(ROOT) + 1:], message.body
        if topic == 'runner/%s/week' % RUNNER and body:
            self.weeks.append(body)
            self.kept['week'] = message.retained
        elif topic.startswith('runner/%s/alert/' % RUNNER):
            self.kept[topic.rsplit('/', 1)[1]] = message.retained
        elif topic == 'runner/%s/session' % RUNNER and body and body['state'] == 'ended':
            self.session, self.kept['session'] = body, message.retained
        elif topic == 'response/session':
            self.answer = body

    def wall(self):
        """Simulated."""
        return float(self.sim.ctl('clock now').split()[1])

    def poll_truth(self):
        """The treadmill's, from the first step on."""
        if self.ran_at is None:
            return False
        wall = self.wall()
        self.treadmill.note(wall, self.sim.truth('belt'))
        return True

    # ---- the course of the story ----------------------------------------------------------------

    def put_files(self):
        """All at once, as a folder that is synced; each under another name until it is whole."""
        for file in self.files:
            path = os.path.join(self.path('files'), RUNNER, file.name)
            with open(path + '.part', 'wb') as f:
                f.write(file.data)
            os.rename(path + '.part', path)

    def has_verdict(self):
        return self.view.week.get('downhill_drop_m', {}).get('reference') is not None

    def begin_run(self):
        self.sim.ctl('clock rate %d' % self.rate)
        self.ran_at = self.wall()
        for name in NAMES:
            self.sim.ctl('scenario %s tilt' % name)

    def has_run(self):
        since = self.treadmill.stood_since()
        return since is not None and self.treadmill.rows[-1][0] >= since + SETTLE_S

    def has_ended(self, asked):
        """The session, and the week was judged with it; or it is said why not."""
        judged = self.weeks and time_of(self.weeks[-1]['t']).timestamp() >= int(asked)
        return self.session and judged or self.answer and self.answer['status'] == 'error'

    def stop_session(self, screen):
        """The checks say what of it did not come."""
        asked = self.wall()
        self.ask('session', {'do': 'stop'})
        with contextlib.suppress(Failure):
            self.wait(lambda _: self.has_ended(asked), 'the end of the session', screen)

    def play(self, _, screen):
        self.introduce(screen)
        screen.say('Its clock shows %s UTC, and goes %d times as fast while somebody runs.' % (
            self.begin.strftime('%A %d %B %Y, %H:%M'), self.rate))
        screen.say()
        self.wait(lambda _: 'online' in (text for text, _ in self.statuses), 'status online', screen)
        self.put_files()
        self.wait(lambda _: len(self.view.files) >= len(self.files), 'the files to come in', screen, seconds=60)
        self.wait(lambda _: self.has_verdict(), 'a verdict on the week', screen)
        self.begin_run()
        self.wait(lambda _: self.has_run(), 'the end of the run', screen,
                  seconds=COURSE_S / self.rate + 2 * PATIENCE_S)
        self.stop_session(screen)
        screen.draw(final=True)
        screen.say()
        screen.say(WHY)
        screen.say()
        status = self.stop_daemon()
        good = report(screen, check_week(self, expected.rules(self.outings, self.begin)))
        return report(screen, check_end(self, status)) and good
