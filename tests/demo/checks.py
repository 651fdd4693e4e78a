# SPDX-License-Identifier: MIT
"""What the demo promises, as pairs of (holds, sentence)."""
import time

import figures


def check_distance(demo, before_m, after_m):
    """The session counts from the packet with the first step to the last one before its end."""
    session, start_m = demo.ended and demo.ended.body, demo.figures.pod.first_step_m
    if not session or start_m is None or session['distance_m'] is None:
        return False, 'distance: there is no ended session with one'
    low, high = before_m - start_m, after_m - start_m
    allowed = max(0.005 * high, 2.0)
    off = max(low - session['distance_m'], session['distance_m'] - high, 0)
    return off <= allowed, 'distance: %.1f m in the session, %.1f m by the pod (allowed %.1f m)' % (
        session['distance_m'], high, allowed)


def check_figures(demo, before_m, after_m):
    """(holds, sentence) for each thing the demo promises of the figures."""
    f = demo.figures
    f.settle(time.time() + figures.SETTLED_S)
    for agreement in f.agreements:
        yield agreement.agrees(3), agreement.text(3)
        for fault in agreement.faults[:5]:
            yield False, fault
    yield check_distance(demo, before_m, after_m)
    yield f.rate.is_steady(), 'live: %d messages in %.1f s, at most %.1f s apart' % (
        f.rate.n, f.rate.seconds, f.rate.widest)
    missing = {'session_start', 'session_end'} - f.events
    yield not missing, 'events: ' + (', '.join(sorted(f.events)) or 'none') + (
        '; missing: ' + ', '.join(sorted(missing)) if missing else '')
    yield bool(demo.ended and demo.ended.retained), 'session: ended and retained'
    if demo.answer and demo.answer['status'] != 'ok':
        yield False, 'session stop: ' + demo.answer['error']['message']


def check_end(demo, status):
    yield status == 0, 'strided ended with status %d on SIGTERM' % status
    last, retained = demo.statuses[-1] if demo.statuses else (None, 0)
    yield last == 'offline' and bool(retained), 'status: %s%s' % (
        last, ', retained' if retained else '')


def report(screen, checks):
    """True when all of them hold."""
    good = True
    for holds, text in checks:
        good = good and holds
        mark = screen.paint('ok    ', 'green') if holds else screen.paint('FAILED', 'red')
        screen.say('%s %s' % (mark, text))
    return good
