# SPDX-License-Identifier: MIT
"""A measure that fills up, beside what is usual and what is the limit.

      ████████████████╎████···┃····     146 m    118 m    168 m  ok
      ███████████████╎██████┃██████     230 m    118 m    168 m  warning

The fill goes on behind the limit when, and only when, the value is beyond it: rounding to whole cells
never tells of a limit that was not passed, and never hides one that was.
"""
FULL, EMPTY, USUAL, LIMIT = '█', '·', '╎', '┃'
HEADROOM = 1.2      # times the limit is the end of the bar
COLOURS = {'ok': 'green', 'caution': 'yellow', 'warning': 'red'}
WORDS = {'insufficient_history': 'too new', 'insufficient_data': 'no heights', 'no_baseline': 'none yet'}
LABEL_W, FIGURE_W, VERDICT_W = 13, 9, 12


def bar(value, usual, limit, width):
    """So many cells; what is None is not drawn."""
    end = max(value or 0, HEADROOM * (limit or 0), usual or 0)
    if not end:
        return EMPTY * width

    def cell(metres):
        return min(int(metres / end * width), width - 1)
    filled = int((value or 0) / end * width)
    for mark in (usual, limit):     # one cell behind the mark, or none
        if mark is not None:
            filled = max(filled, cell(mark) + 2) if (value or 0) > mark else min(filled, cell(mark))
    filled = min(filled, width)
    cells = [FULL] * filled + [EMPTY] * (width - filled)
    for mark, sign in ((usual, USUAL), (limit, LIMIT)):     # the limit wins where both fall together
        if mark is not None:
            cells[cell(mark)] = sign
    return ''.join(cells)


def kilometres(metres):
    return '%.1f km' % (metres / 1000)


def metres_high(metres):
    return '%.0f m' % metres


def hours(seconds):
    return '%d:%02d h' % divmod(seconds // 60, 60)


def text(value, figure):
    return '–' if value is None else figure(value)


def room(width):
    """Cells that are left for the bar in a row of so many."""
    return width - LABEL_W - 3 * FIGURE_W - VERDICT_W


def head(title, width):
    """A row is pieces of (text, colour, width)."""
    return [('  ' + title, 'dim', LABEL_W + room(width)), ('done'.rjust(FIGURE_W), 'dim', FIGURE_W),
            ((USUAL + ' usual').rjust(FIGURE_W), 'dim', FIGURE_W),
            ((LIMIT + ' limit').rjust(FIGURE_W), 'dim', FIGURE_W), ('', None, VERDICT_W)]


def row(label, body, figure, width, key='total'):
    """body: a measure of `week`, or with key='value' an `alert`; {} before the first one came."""
    value, usual, limit, verdict = (body.get(k) for k in (key, 'reference', 'limit', 'verdict'))
    colour = COLOURS.get(verdict)
    return [('  ' + label, None, LABEL_W), (bar(value, usual, limit, room(width)), colour, room(width)),
            (text(value, figure).rjust(FIGURE_W), 'bold', FIGURE_W),
            (text(usual, figure).rjust(FIGURE_W), None, FIGURE_W),
            (text(limit, figure).rjust(FIGURE_W), None, FIGURE_W),
            ('  ' + WORDS.get(verdict, verdict or '–'), colour, VERDICT_W)]
