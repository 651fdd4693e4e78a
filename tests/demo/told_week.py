# SPDX-License-Identifier: MIT
"""The story without children: files and run are told as the daemon would tell them, as lines of
mosquitto_sub and the simulator's truth, with figures that are right, and spoilt in one place.
"""
import copy
import datetime
import json
import types

import expected
import story
from stage import ROOT, Message

NOW = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.timezone.utc)
RATE, TURN_S = 60, 6            # a turn of a tenth of a second, simulated
LEVEL_S, DOWN_S, SPEED, GRADE = 1205, 480, 3.0, 0.08
SENTENCES = {
    'weekly_downhill': 'Descent in the last 7 days: {value:.0f} m, usual {reference:.0f} m ({change}). No study '
                       'sets a limit; we use 50 m more (D).',
    'spike_descent': 'Most descent of one outing in 30 days was {reference:.0f} m; this one has {value:.0f} m '
                     '({change}). No study sets a limit; we use 15 m more (D).',
}
MADE = {}
WEEK, SESSION, EVENT = 'runner/anna/week', 'runner/anna/session', 'runner/anna/event'


def as_it_is(topic, body):
    return body


class Body:
    """The simulator: its clock, and the treadmill on it."""

    def __init__(self, begin):
        self.wall, self.ran_at = begin.timestamp(), None

    def ctl(self, command):
        if command.startswith('scenario') and self.ran_at is None:
            self.ran_at = self.wall
        return '0 %f boot' % self.wall

    def truth(self, _):
        t = self.wall - self.ran_at
        moved = min(max(0, t - 5), LEVEL_S - 5 + DOWN_S)
        down = max(0, moved - (LEVEL_S - 5))
        return {'distance_m': SPEED * moved, 'descent_m': GRADE * SPEED * down,
                'speed_m_s': SPEED if 5 < t < LEVEL_S + DOWN_S else 0}


class Told(story.Story):
    """A story without children. `spoil(topic, body)` gives what arrives: the body, another, or None."""

    def __init__(self, spoil, retain, status, *rest):
        super().__init__(*rest)
        self.spoil, self.retain, self.exit_status = spoil, retain, status
        self.broker, self.put, self.told, self.beat = types.SimpleNamespace(port=1883), [], set(), 0
        self.stopped = False

    def make_outings(self, now):
        """Which takes a second, and is the same each time."""
        if not MADE:
            super().make_outings(now)
            MADE.update(begin=self.begin, outings=self.outings, files=self.files)
        self.__dict__.update(MADE)

    def start(self, build):
        self.make_outings(NOW)
        self.sim = Body(self.begin)
        self.rules = expected.rules(self.outings, self.begin)
        self.say('status', 'online', 1)

    def put_files(self):
        self.put = list(self.files)

    def ask(self, verb, request):
        self.stopped = True

    def stamp(self):
        at = datetime.datetime.fromtimestamp(self.sim.wall, datetime.timezone.utc)
        return at.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (at.microsecond // 1000)

    def say(self, topic, body, retained=0):
        body = self.spoil(topic, copy.deepcopy(body))
        if body is not None:
            self._take(Message(json.dumps({
                'topic': ROOT + '/' + topic, 'retain': retained and self.retain,
                'payload': body if isinstance(body, str) else json.dumps(body)})))

    def event(self, kind, name, body):
        self.say(EVENT, {'id': name, 'at': self.stamp(), 'kind': kind, 'runner': 'anna', 'body': body})

    def say_file(self):
        file = self.put.pop(0)
        twice = 'phone' in file.name
        self.event('import', file.name, {'file': file.name, 'verdict': 'imported', 'reason': None, 'sessions': [
            {'distance_m': file.outing.distance_m, 'counts': not twice}]})
        self.say_week({'distance_m': 0.0, 'descent_m': 0.0})

    def measure(self, rule, value):
        rule = self.rules[rule]
        word = 'ok' if value <= rule.limit else 'caution' if value <= rule.warning else 'warning'
        return {'total': value, 'reference': rule.reference, 'limit': rule.limit, 'verdict': word,
                'left_today': max(0.0, rule.limit - value)}

    def say_week(self, truth):
        rules = self.rules
        drop = self.measure('weekly_downhill', rules['weekly_downhill'].before + truth['descent_m'])
        self.say(WEEK, {'t': self.stamp()[:19] + 'Z', 'measures': {
            'distance_m': self.measure('weekly_distance', rules['weekly_distance'].before + truth['distance_m']),
            'moving_s': self.measure('weekly_distance', 3.0), 'downhill_drop_m': drop}}, 1)
        self.say_rule('weekly_downhill', drop['total'])
        self.say_rule('spike_descent', truth['descent_m'])

    def say_rule(self, rule, value):
        alert = {'rule': rule, 'evidence': 'D', 'since': None, **self.measure(rule, value)}
        alert['value'] = alert.pop('total')
        change = '%+.0f %%' % (100 * (value / alert['reference'] - 1))
        alert['sentence'] = SENTENCES[rule].format(change=change, **alert)
        alert['explain'] = 'Measured: metres. See a doctor, whatever the figures say, with pain at night.'
        crossed = alert['verdict'] == 'warning'
        if crossed:
            alert['since'] = self.stamp()[:19] + 'Z'
        self.say('runner/anna/alert/' + rule, alert, 1)
        if crossed and rule not in self.told:
            self.told.add(rule)
            self.event('alert', rule, {'news': 'crossed', 'alert': alert})

    def end_session(self, truth):
        self.stopped = False
        self.say(SESSION, {'state': 'ended', 'end': self.stamp()[:19] + 'Z', 'distance_m': truth['distance_m'],
                           'downhill_drop_m': truth['descent_m']}, 1)
        self.say_week(truth)

    def turn(self):
        self.check_children()
        self.sim.wall += TURN_S
        self.beat += 1
        sent = self.poll_truth()
        if self.put:
            self.say_file()
        elif self.ran_at is not None and self.session is None:
            truth = self.sim.truth('belt')
            if self.stopped:
                self.end_session(truth)
            else:
                self.say_week(truth)
        return sent

    def stop_daemon(self):
        self.say('status', 'offline', 1)
        return self.exit_status
