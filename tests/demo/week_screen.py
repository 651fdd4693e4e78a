# SPDX-License-Identifier: MIT
"""The story's table: the bars of the week, the run that fills them, and what was said about it. It
knows the messages and nothing else, as the live run's.
"""
import datetime
import re
import shutil
import textwrap
import time

import bars
from screen import STATE_COLOURS, WIDTH, Screen, View, minutes, number

TABLE_EVERY_S = 0.1     # a fast clock brings a message every hundredth of a second
NO_BREAK = '\xa0'  # between a number and its unit
LEAST_LINES = 20    # the table, and the latest that was said; a lower terminal would scroll
MEASURES = (('distance', 'distance_m', bars.kilometres), ('time', 'moving_s', bars.hours),
            ('descent', 'downhill_drop_m', bars.metres_high))
RUNS = (('distance', 'spike_distance', bars.kilometres), ('descent', 'spike_descent', bars.metres_high))


def time_of(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))


class WeekView(View):
    """The latest of each topic, and all events once, in their order."""

    def __init__(self, root, runner):
        super().__init__(root)
        self.runner = runner
        self.week, self.alerts = {}, {}
        self.files, self.notices = {}, []   # verdicts by the file's name; alert events
        self.heard, self.at = set(), None   # ids of events; the simulated time

    def feed(self, message, now):
        super().feed(message, now)
        topic = message.topic[len(self.root) + 1:].split('/')
        if topic[:2] != ['runner', self.runner] or not message.body:
            return
        self._note_time(message.body.get('t') or message.body.get('at'))
        if topic[2] == 'week':
            self.week = message.body['measures']
        elif topic[2] == 'alert':
            self.alerts[topic[3]] = message.body
        elif topic[2] == 'event' and message.body['id'] not in self.heard:
            self.heard.add(message.body['id'])
            self._hear(message.body)

    def _note_time(self, text):
        if text:
            self.at = max(time_of(text), self.at or time_of(text))

    def _hear(self, event):
        if event['kind'] == 'import':
            self.files[event['body']['file']] = event['body']
        elif event['kind'] == 'alert':
            self.notices.append(event)

    def files_text(self):
        if not self.files:
            return 'none came in yet'
        refused = sum(1 for body in self.files.values() if body['verdict'] == 'refused')
        instead = sum(1 for body in self.files.values() for s in body['sessions'] if not s['counts'])
        return '%d came in, %d refused, %d the same run again' % (
            len(self.files), refused, instead)

    def run_text(self):
        """Of the run that goes on, or went on last."""
        figures = self.live if self._is_live() else self.session
        if not figures:
            return 'nobody runs'
        texts = [minutes(figures.get('elapsed_s')), bars.text(figures.get('distance_m'), bars.kilometres)]
        if figures.get('grade_pct') is not None:
            texts.append('at %s %%' % number(figures['grade_pct'], 1))
        if figures.get('downhill_drop_m') is not None:
            texts.append('%s down' % bars.metres_high(figures['downhill_drop_m']))
        if figures.get('heart_rate_bpm') is not None:
            texts.append(number(figures['heart_rate_bpm'], 0, ' bpm'))
        return ', '.join(texts)


class WeekScreen(Screen):
    def __init__(self, out, view, rate):
        super().__init__(out, view, None)
        self.rate, self.said = rate, 0
        self.in_place = self.in_place and self._size().lines >= LEAST_LINES
        self.colours = self.colours and self.in_place

    def _clock(self):
        at = '–' if not self.view.at else self.view.at.strftime('%a %d %b %Y, %H:%M UTC')
        return '%s, x%g' % (at, self.rate)

    @staticmethod
    def _size():
        return shutil.get_terminal_size((WIDTH, 24))

    def _width(self):
        """Of a row: all of the terminal but its last column."""
        return min(WIDTH, self._size().columns) - 1

    def _bar_rows(self):
        width, view = self._width(), self.view
        yield bars.head('seven days', width)
        for label, key, figure in MEASURES:
            yield bars.row(label, view.week.get(key, {}), figure, width)
        yield bars.head('one run', width)
        for label, key, figure in RUNS:
            yield bars.row(label, view.alerts.get(key, {}), figure, width, key='value')

    def _notice_lines(self, event):
        lead = time_of(event['at']).strftime('%H:%M  ')
        sentence = re.sub(r'(?<=\d) (?=%|k?m\b)', NO_BREAK, event['body']['alert']['sentence'] or '–')
        lines = textwrap.wrap(lead + sentence, self._width() - 2, initial_indent='  ',
                              subsequent_indent='  ' + ' ' * len(lead))
        return [line.replace(NO_BREAK, ' ') for line in lines]

    def _notices(self, room):
        """Lines of the latest that was said, as many of it as there is room for."""
        lines = []
        for event in reversed(self.view.notices):
            new = ['', *self._notice_lines(event)]
            if len(lines) + len(new) > room:
                break
            lines = new + lines
        return lines

    def _table(self):
        view, state = self.view, self.view.state or '–'
        status = view.status or 'starting'
        yield self._row(('strided  ', 'bold', 9), (status, STATE_COLOURS.get(status), 20),
                        (self._clock().rjust(self._width() - 29), 'dim', self._width() - 29))
        yield ''
        for pieces in self._bar_rows():
            yield self._row(*pieces)
        yield ''
        yield self._row(('  files', 'dim', 11), (view.files_text(), None, 68))
        yield self._row(('  run', 'dim', 11), (state, STATE_COLOURS.get(state), 10), (view.run_text(), None, 58))

    def _rows(self):
        rows = list(self._table())
        # the last line of the terminal is the cursor's
        room = self._size().lines - 1 - len(rows) if self.in_place else 0
        return rows + [self._row((line, 'bold', WIDTH)) for line in self._notices(room)]

    # ---- without a terminal that can be drawn in: a line now and then, and the table at the end

    def draw(self, final=False):
        if self.in_place:
            if final or time.monotonic() >= self.drawn + TABLE_EVERY_S:
                self.drawn = time.monotonic()
                self._draw_table()
            return
        for event in self.view.notices[self.said:]:
            self.said += 1
            self.say('\n'.join(self._notice_lines(event)))
        if final:
            for row in self._rows():
                self.say(row.rstrip())
        else:
            super().draw()

    def _line(self):
        view, parts = self.view, []
        for label, body, key in (('seven days', view.week.get('downhill_drop_m', {}), 'total'),
                                 ('one run', view.alerts.get('spike_descent', {}), 'value')):
            parts.append('%s %s of %s' % (label, bars.text(body.get(key), bars.metres_high),
                                          bars.text(body.get('limit'), bars.metres_high)))
        at = '     ' if not view.at else view.at.strftime('%H:%M')
        return '%s  descent: %s · %s' % (at, ', '.join(parts),
                                         view.run_text() if view.state else view.files_text())
