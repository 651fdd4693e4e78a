# SPDX-License-Identifier: MIT
"""What the story promises, as pairs of (holds, sentence): what the rules said, against what the
treadmill did and what was put into the files.
"""
import re

from week_screen import time_of

RULES = ('weekly_downhill', 'spike_descent')    # these, and no other
CHANGE = r'\((?:about )?(?P<change>[+-]\d+) %\)\. No study sets a limit; we use (?P<basis>.+) \((?P<evidence>[A-D])\)\.$'
SENTENCES = {
    'weekly_downhill': r'^Descent in the last 7 days: (?P<value>\d+) m, usual (?P<reference>\d+) m ' + CHANGE,
    'spike_descent': r'^Most descent of one outing in 30 days was (?P<reference>\d+) m; '
                     r'this one has (?P<value>\d+) m ' + CHANGE,
}
BASES = {'weekly_downhill': '50 m more', 'spike_descent': '15 m more'}
LIVE_M = 2.0    # a run is judged each 10 s, and its grade is known some metres behind the runner
RUN_M = 1.0     # when it is over
ROUNDED_M = 0.01    # figures have two places
BAR_STEPS = 20  # of the minutes of the run, those whose week must have come


def near(value, wanted, below, above=1.0):
    return value is not None and wanted - below <= value <= wanted + above


def compared(name, value, wanted, below):
    return near(value, wanted, below), '%s: %s, by files and treadmill %.1f m (allowed %.1f m less)' % (
        name, 'nothing' if value is None else '%.1f m' % value, wanted, below)


# ---- files ----------------------------------------------------------------------------------------

def check_files(story):
    files, heard = story.files, story.view.files
    came = [body for body in heard.values() if body['verdict'] == 'imported']
    counting = [s for body in came for s in body['sessions'] if s['counts']]
    twice = len(files) - len(story.outings)
    yield len(came) == len(files) == len(heard), 'files: %d of %d came in, %d refused' % (
        len(came), len(files), sum(body['verdict'] == 'refused' for body in heard.values()))
    far = sum(s['distance_m'] for s in counting)
    wanted = sum(o.distance_m for o in story.outings)
    yield (len(counting) == len(story.outings) and abs(far - wanted) <= 0.005 * wanted,
           'outings: %d of %.1f km count, put in were %d of %.1f km (allowed 0.5 %%), %d of them twice' % (
               len(counting), far / 1000, len(story.outings), wanted / 1000, twice))


# ---- what was said ----------------------------------------------------------------------------------

def check_news(story):
    """Each rule once, in the run; no other at all."""
    news = sorted((n['body']['alert']['rule'], n['body']['news']) for n in story.view.notices)
    wanted = sorted((rule, 'crossed') for rule in RULES)
    yield news == wanted, 'messages: ' + (', '.join('%s %s' % n for n in news) or 'none')
    early = [n['body']['alert']['rule'] for n in story.view.notices
             if story.treadmill.descent_at(time_of(n['at']).timestamp()) <= 0]
    if early:
        yield False, 'messages before the treadmill tilted: ' + ', '.join(early)


def check_sentence(alert):
    """Its figures are those beside it."""
    rule, sentence = alert['rule'], alert['sentence'] or ''
    found = re.search(SENTENCES[rule], sentence)
    good = bool(found) and (
        abs(int(found['value']) - alert['value']) <= 0.51 and
        abs(int(found['reference']) - alert['reference']) <= 0.51 and
        abs(int(found['change']) - 100 * (alert['value'] / alert['reference'] - 1)) <= 1 and
        found['basis'] == BASES[rule] and found['evidence'] == alert['evidence'] == 'D')
    return good, '%s: "%s"' % (rule, sentence)


def check_crossing(story, rule, notice, wanted):
    """Said when it was passed, by as much as the run had then."""
    alert = notice['body']['alert']
    yield check_sentence(alert)
    done = wanted.before + story.treadmill.descent_at(time_of(notice['at']).timestamp())
    yield compared(rule + ' when it was said', alert['value'], done, wanted.allowed + LIVE_M)
    yield (near(alert['reference'], wanted.reference, wanted.allowed) and
           near(alert['limit'], wanted.limit, 1.1 * wanted.allowed),
           '%s: usual %.1f m, limit %.1f m; by files %.1f m and %.1f m (allowed %.1f m less)' % (
               rule, alert['reference'], alert['limit'], wanted.reference, wanted.limit, wanted.allowed))
    yield (alert['verdict'] == 'warning' and alert['value'] > alert['limit'] - ROUNDED_M and alert['left_today'] == 0,
           '%s: said as %s, %.1f m above its limit, %.0f m left' % (
               rule, alert['verdict'], alert['value'] - alert['limit'], alert['left_today']))
    yield ('See a doctor' in (alert.get('explain') or ''), '%s: says beside it when to see a doctor' % rule)


def check_rule(story, rule, wanted):
    """Its message, and what is kept of it at the end."""
    for notice in [n for n in story.view.notices if n['body']['alert']['rule'] == rule][:1]:
        yield from check_crossing(story, rule, notice, wanted)
    last = story.view.alerts.get(rule) or {}
    done = wanted.before + story.treadmill.descent_m
    yield compared(rule + ' at the end', last.get('value'), done, wanted.allowed + RUN_M)
    yield (last.get('verdict') == 'warning' and bool(last.get('since')) and bool(story.kept.get(rule)),
           '%s: kept as %s%s' % (rule, last.get('verdict'), ', retained' if story.kept.get(rule) else ''))


# ---- week and session -----------------------------------------------------------------------------

def check_bars(story, rules):
    """They filled, minute by minute, and never ran back."""
    begin = story.ran_at
    weeks = [w for w in story.weeks if time_of(w['t']).timestamp() >= begin]
    totals = [w['measures']['downhill_drop_m']['total'] for w in weeks]
    left = [w['measures']['downhill_drop_m']['left_today'] for w in weeks]
    if None in totals or None in left or len(weeks) < BAR_STEPS:
        yield False, 'week: %d messages in the run, at least %d are needed, all with their descent' % (
            len(weeks), BAR_STEPS)
        return
    wanted = rules['weekly_downhill']
    yield (near(totals[0], wanted.before, wanted.allowed) and left[0] > 0 == left[-1] and
           all(a <= b + 0.5 for a, b in zip(totals, totals[1:])) and
           all(a >= b - 0.5 for a, b in zip(left, left[1:])) and bool(story.kept.get('week')),
           'week: %d messages in the run, retained; descent from %.0f m to %.0f m, left from %.0f m to %.0f m' % (
               len(weeks), totals[0], totals[-1], left[0], left[-1]))
    last = weeks[-1]['measures']
    yield compared('week: descent', last['downhill_drop_m']['total'],
                   wanted.before + story.treadmill.descent_m, wanted.allowed + RUN_M)
    far, wanted_m = last['distance_m']['total'], rules['weekly_distance'].before + story.treadmill.distance_m
    yield (far is not None and abs(far - wanted_m) <= 0.005 * wanted_m and last['distance_m']['verdict'] == 'ok',
           'week: distance is %s at %s km, by files and treadmill %.1f km (allowed 0.5 %%)' % (
               last['distance_m']['verdict'], 'no' if far is None else '%.1f' % (far / 1000), wanted_m / 1000))


def check_session(story):
    session, treadmill = story.session, story.treadmill
    if not session:
        yield False, 'session: it has not ended'
        return
    yield bool(story.kept.get('session')), 'session: ended' + (' and retained' if story.kept['session'] else '')
    yield compared('session: descent', session['downhill_drop_m'], treadmill.descent_m, RUN_M)
    far = session['distance_m']
    yield far is not None and abs(far - treadmill.distance_m) <= 0.005 * treadmill.distance_m, (
        'session: %s m, by the treadmill %.1f m (allowed 0.5 %%)' % (far, treadmill.distance_m))
    if story.answer and story.answer['status'] != 'ok':
        yield False, 'session stop: ' + story.answer['error']['message']


def check_week(story, rules):
    yield from check_files(story)
    yield from check_news(story)
    for rule in RULES:
        yield from check_rule(story, rule, rules[rule])
    yield from check_bars(story, rules)
    yield from check_session(story)
