# SPDX-License-Identifier: MIT
"""Answers for a report, as `stridectl --json report` prints them: twelve made-up weeks that end above two
limits, or of somebody who has just begun."""
import datetime

DAY = datetime.date(2027, 3, 10)
DOCTOR = ['pain that has not got better after 4 to 6 weeks', 'pain at rest or that wakes at night',
          'visible swelling, also of the calf', 'a knee that gives way, feels unstable or locks',
          'before a race or season to decide about', 'after an accident or fever']
WEEKS = [(3, 21300, 180, 190, 9200), (4, 24500, 210, 220, 10100), (3, 22800, None, None, 9800), (0, 0, 0, 0, None),
         (4, 26100, 240, 235, 11000), (4, 27900, 251, 260, 11000), (2, 12000, 90, 100, 7000),
         (4, 25000, 300, 310, 11000), (5, 30200, 280, 290, 12100), (4, 25000, 270, 260, 11000),
         (4, 25000, 300, 290, 11000), (3, 22500, 410, 400, 14500)]


def measure(total, reference, limit, verdict, evidence='C', coverage=None):
    return {'total': total, 'reference': reference, 'limit': limit,
            'left_today': None if limit is None else max(0, limit - total), 'frees_tomorrow': 0,
            'ratio': None if not reference else round(total / reference, 2), 'verdict': verdict,
            'evidence': evidence, 'coverage_pct': coverage, 'calendar_week': '2027-03-08', 'calendar_total': total}


def alert(rule, verdict, value, reference, limit, unit, evidence, sentence, since='2027-03-09T17:24:10Z'):
    return {'rule': rule, 'verdict': verdict, 'since': since, 'value': value, 'reference': reference, 'limit': limit,
            'left_today': 0, 'ratio': round(value / reference, 2), 'coverage_pct': None, 'unit': unit,
            'evidence': evidence, 'sentence': sentence, 'explain': 'Measured: something.'}


DISTANCE = alert('weekly_distance', 'caution', 28500, 25000, 27500, 'm', 'C',
                 'Running distance in the last 7 days: 28.5 km, usual 25.0 km (about +14 %). No study sets a limit; '
                 'we use 10 % (C).')
DOWNHILL = alert('weekly_downhill', 'warning', 410, 300, 350, 'm', 'D',
                 'Descent in the last 7 days: 410 m, usual 300 m (+37 %). No study sets a limit; we use 30 % (D).')
SPIKE = alert('spike_distance', 'warning', 14500, 11000, 12100, 'm', 'A',
              'Longest run in 30 days was 11.0 km; this is 14.5 km (+32 %). In a study of 5 205 runners, sessions 30 '
              'to 100 % longer went with 1.5 times the overuse-injury rate (A).')


def said(body, day, acknowledged=False):
    keys = ('rule', 'verdict', 'value', 'reference', 'limit', 'unit', 'evidence', 'sentence')
    return {**{key: body[key] for key in keys}, 'day': day, 'at': day + 'T17:24:10.123Z', 'session': None,
            'acknowledged': acknowledged, 'snoozed_until': None}


def explained(body, title, source, not_means):
    return {'runner': 'anna', 'units': 'metric', 'alert': body, 'title': title,
            'measure': 'what was run in seven days', 'reference': 'the most of the four weeks before, at most 1.3 '
            'times their mean', 'quantity': 'distance', 'inputs': [], 'formula': 'limit = max(1.1 x R, R + 2 km)',
            'steps': ['R = max(25.0, 25.0, 30.2, 25.0) = 30.2, at most 1.3 x 26.3 = 34.2', 'limit = 27.5 km',
                      '28.5 km > 27.5 km: caution'], 'why': '10 % more than usual', 'missing': [],
            'source': source, 'evidence': body['evidence'],
            'evidence_means': 'C: a convention or the advice of experts; nobody has shown that it helps.',
            'not_means': not_means, 'doctor': DOCTOR}


def history(weeks, units='metric'):
    monday = DAY - datetime.timedelta(days=DAY.weekday())
    rows = []
    for back, (runs, distance, drop, ascent, longest) in zip(range(len(weeks) - 1, -1, -1), weeks):
        start = monday - datetime.timedelta(weeks=back)
        rows.append({'week': '%d-W%02d' % start.isocalendar()[:2], 'start': str(start),
                     'end': str(start + datetime.timedelta(days=6)), 'runs': runs, 'distance_m': distance,
                     'moving_s': distance * 0.36, 'downhill_drop_m': drop, 'downhill_distance_m': drop and drop * 15,
                     'ascent_m': ascent, 'longest_run_m': longest, 'trimp': None, 'walked_m': 0,
                     'walked_drop_m': 0})
    return {'runner': 'anna', 'units': units, 'day': str(DAY), 'weeks': rows}


def week(measures, units='metric', walked=0):
    return {'runner': 'anna', 'units': units, 'week': {
        't': '2027-03-10T18:00:00Z', 'day': str(DAY), 'time_zone': 'Europe/Berlin', 'notify_at': 'caution',
        'measures': measures, 'walked': {'distance_m': walked, 'moving_s': walked, 'downhill_drop_m': walked / 100,
                                         'downhill_distance_m': walked / 10}}}


def usual(units='metric'):
    return {
        'week': week({'distance_m': measure(28500, 25000, 27500, 'caution'),
                      'moving_s': measure(9660, 9000, 9900, 'ok'),
                      'downhill_drop_m': measure(410, 300, 350, 'warning', 'D', 97),
                      'downhill_distance_m': measure(5985, 5250, 5775, 'caution', 'D', 97)}, units, 5200),
        'history': history(WEEKS, units),
        'alerts': {'runner': 'anna', 'units': units, 'alerts': [DISTANCE, DOWNHILL],
                   'said': [said(DOWNHILL, '2027-03-09'), said(DISTANCE, '2027-03-09', True),
                            said(SPIKE, '2027-03-06'), said(DISTANCE, '2027-02-07')]},
        'explain': [explained(DISTANCE, 'Weekly running distance', '10 % is a convention: in a randomised trial with '
                              '532 novices 20.8 % had an injury with a 10 % plan and 20.3 % without it (Buist 2008).',
                              'It does not say that 10 % more is all right and 11 % is not: no study found a limit '
                              'there.'),
                    explained(DOWNHILL, 'Weekly descent', 'The convention for distance, applied to descent.',
                              'It is no measured limit: nobody has compared weeks of descent.'),
                    explained(SPIKE, 'Longest run', 'Frandsen 2025: 5205 runners, 18 months, 588071 sessions '
                              'measured by watches.', 'It is the rate of a group and no forecast for one person.')]}


def new(units='metric'):
    """Two weeks of log, and no heights."""
    return {'week': week({'distance_m': measure(8000, None, None, 'insufficient_history'),
                          'moving_s': measure(2900, None, None, 'insufficient_history'),
                          'downhill_drop_m': measure(None, None, None, 'insufficient_data', 'D', 12),
                          'downhill_distance_m': measure(None, None, None, 'insufficient_data', 'D', 12)}, units),
            'history': history([(1, 4000, None, None, 4000), (2, 8000, None, None, 4200)], units),
            'alerts': {'runner': 'anna', 'units': units, 'alerts': [], 'said': []}, 'explain': []}
