# SPDX-License-Identifier: MIT
"""The demo's table: what MQTT says, drawn in place on a terminal, as lines where there is none.

It knows the messages and nothing else: what is not in them is shown as a dash.
"""
import os
import shutil
import time

WIDTH = 80
LEAST_WIDTH = 66    # a narrower terminal would cut the figures of the table
CURRENT_S = 3   # a live message that is older is no longer true
LINE_EVERY_S = 5
STATE_COLOURS = {
    'online': 'green', 'streaming': 'green', 'running': 'green',
    'seen': 'yellow', 'waiting': 'yellow', 'connecting': 'yellow', 'silent': 'yellow',
    'paused': 'yellow', 'offline': 'red', 'unavailable': 'red',
}
CODES = {'green': '32', 'yellow': '33', 'red': '31', 'bold': '1', 'dim': '2'}


def number(value, places, unit=''):
    return '–' if value is None else '%.*f%s' % (places, value, unit)


def minutes(seconds):
    if seconds is None:
        return '–'
    hours, rest = divmod(int(seconds), 3600)
    return ('%d:%02d:%02d' % (hours, rest // 60, rest % 60) if hours else
            '%d:%02d' % (rest // 60, rest % 60))


class View:
    """The latest message of each topic below the gateway's."""

    def __init__(self, root):
        self.root = root
        self.status = None
        self.sensors, self.live, self.session = {}, {}, {}
        self.live_at = None

    def feed(self, message, now):
        topic = message.topic[len(self.root) + 1:].split('/')
        if topic == ['status']:
            self.status = message.text
        elif topic[0] == 'sensor':
            self.sensors[topic[1]] = message.body or {}
        elif topic[0] == 'runner' and topic[2] == 'live':
            self.live, self.live_at = message.body or {}, now
        elif topic[0] == 'runner' and topic[2] == 'session':
            self.session = message.body or {}

    @property
    def state(self):
        return self.live.get('state') if self._is_live() else self.session.get('state')

    def _is_live(self):
        return (self.live_at is not None and time.monotonic() < self.live_at + CURRENT_S and
                self.session.get('state') != 'ended')

    def figures(self):
        """Label and text, in the order of the table's two columns. What holds at a moment is only in
        `live`; the sums of a session that is over are in its summary."""
        live = self.live if self._is_live() else self.session
        pace = live.get('pace_s_per_km')
        return [
            ('cadence', number(live.get('cadence_spm'), 1, ' spm')),
            ('heart rate', number(live.get('heart_rate_bpm'), 0, ' bpm')),
            ('speed', number(live.get('speed_m_s'), 2, ' m/s')),
            ('zone', number(live.get('zone'), 0)),
            ('pace', '–' if pace is None else minutes(pace) + ' /km'),
            ('load (TRIMP)', number(live.get('trimp'), 1)),
            ('distance', number(live.get('distance_m'), 1, ' m')),
            ('elapsed', minutes(live.get('elapsed_s'))),
        ]


class Screen:
    def __init__(self, out, view, length_s, sensors=()):
        """sensors: those that will be heard of, whose lines are there from the beginning."""
        self.out, self.view, self.length_s = out, view, length_s
        self.sensors = sensors
        self.in_place = (out.isatty() and os.environ.get('TERM', 'dumb') != 'dumb' and
                         shutil.get_terminal_size((WIDTH, 24)).columns >= LEAST_WIDTH)
        self.colours = self.in_place and not os.environ.get('NO_COLOR')
        self.begun = time.monotonic()
        self.drawn, self.lines_shown, self.last = 0, 0, None

    def say(self, text=''):
        """A line that stays, below what was drawn so far."""
        self.lines_shown = 0
        self.out.write(text + '\n')
        self.out.flush()

    def close(self):
        """The cursor is shown again, whatever ended the demo."""
        if self.in_place:
            self.out.write('\x1b[?25h')
            self.out.flush()

    def paint(self, text, colour):
        return '\x1b[%sm%s\x1b[0m' % (CODES[colour], text) if colour and self.colours else text

    def draw(self, final=False):
        if self.in_place:
            self._draw_table()
        elif final or time.monotonic() >= self.drawn + LINE_EVERY_S:
            self.drawn = time.monotonic()
            self.say(self._line())

    def _clock(self):
        passed = time.monotonic() - self.begun
        if self.length_s is None:
            return minutes(passed) + ', Ctrl-C ends it'
        return '%s of %s' % (minutes(min(passed, self.length_s)), minutes(self.length_s))

    # ---- the table: pieces are (text, colour, width), cut to the terminal before they are coloured

    def _row(self, *pieces):
        left = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns) - 1
        row = ''
        for text, colour, width in pieces:
            text = (text if len(text) <= width else text[:width - 2] + '… ').ljust(width)[:left]
            left -= len(text)
            row += self.paint(text, colour)
        return row

    def _sensor_row(self, name, sensor):
        state = sensor.get('state') or 'starting'
        return self._row(('  ' + name, 'bold', 10), (state, STATE_COLOURS.get(state), 13),
                         (number(sensor.get('battery_pct'), 0, ' %').rjust(6), None, 10),
                         (sensor.get('reason') or '–', 'dim', 46))

    def _figure_rows(self):
        figures = self.view.figures()
        for left, right in zip(figures[::2], figures[1::2]):
            yield self._row(('  ' + left[0], 'dim', 15), (left[1].rjust(12), 'bold', 20),
                            (right[0], 'dim', 15), (right[1].rjust(10), 'bold', 12))

    def _rows(self):
        view = self.view
        status = view.status or 'starting'
        state = view.state or '–'
        session = view.session.get('id') or 'begins after ten seconds of steps'
        yield self._row(('strided  ', 'bold', 9), (status, STATE_COLOURS.get(status), 40),
                        (self._clock().rjust(30), 'dim', 30))
        yield ''
        yield self._row(('  sensor', 'dim', 10), ('state', 'dim', 13), ('battery', 'dim', 10),
                        ('reason', 'dim', 46))
        for name in sorted({*self.sensors, *view.sensors}):
            yield self._sensor_row(name, view.sensors.get(name, {}))
        yield ''
        yield self._row(('  session', 'dim', 10), (state, STATE_COLOURS.get(state), 13),
                        (session, 'dim', 56))
        yield from self._figure_rows()

    def _draw_table(self):
        rows = list(self._rows())
        text = '\x1b[?25l' + ('\x1b[%dA' % self.lines_shown if self.lines_shown else '')
        text += ''.join('\r' + row + '\x1b[K\n' for row in rows)
        text += '\x1b[J'
        if text != self.last or not self.lines_shown:
            self.out.write(text)
            self.out.flush()
        self.last, self.lines_shown = text, len(rows)

    # ---- the line

    def _line(self):
        view, text = self.view, dict(self.view.figures())
        sensors = ', '.join('%s %s' % (name, sensor.get('state') or '–')
                            for name, sensor in sorted(view.sensors.items()))
        if not view.live:
            return '%5s  %s' % (minutes(time.monotonic() - self.begun), sensors or view.status or 'starting')
        zone = '' if text['zone'] == '–' else ' zone ' + text['zone']
        return '%5s  %s · %s · %s · %s · %s%s' % (
            minutes(time.monotonic() - self.begun), text['distance'], text['cadence'], text['speed'],
            text['pace'], text['heart rate'], zone)
