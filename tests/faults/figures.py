# SPDX-License-Identifier: MIT
"""What a fault cost, counted by witnesses beside the daemon: one row of the table.

Notifications: `sent` is what the simulator handed to a subscriber, `stored` what stands in recordings, `unread` what lay
in the socket of a daemon that was killed, `in hand` what was out of it and not in the recording yet, at most one
each time, `lost` what is none of these.
Events: `made` is what the database and the answers of commands say there must be, `delivered` what a
subscriber of the broker got. An event that comes again under the same id (QoS 1 promises no less) is the
same event, and counted in `again`; `doubled` is one fact under two ids. `stall_ms` is the longest that
one thing kept the daemon's loop, by its own health. None: not asked in this fault."""
from dataclasses import asdict, dataclass, fields
from typing import Optional

HEADINGS = {'sent': 'sent', 'stored': 'stored', 'unread': 'unread', 'in_hand': 'in hand', 'lost': 'lost', 'doubled': 'doubled', 'made': 'made',
            'delivered': 'delivered', 'events_lost': 'lost', 'events_doubled': 'doubled', 'again': 'again',
            'stall_ms': 'stall ms'}


@dataclass
class Figures:
    sent: Optional[int] = None
    stored: Optional[int] = None
    unread: Optional[int] = None
    in_hand: Optional[int] = None
    lost: Optional[int] = None
    doubled: Optional[int] = None
    made: Optional[int] = None
    delivered: Optional[int] = None
    events_lost: Optional[int] = None
    events_doubled: Optional[int] = None
    again: Optional[int] = None
    stall_ms: Optional[float] = None
    note: str = ''

    def saw_stall(self, milliseconds):
        if milliseconds is not None:
            self.stall_ms = max(self.stall_ms or 0, milliseconds)

    def count(self, sent, stored, lost, doubled, unread=None, in_hand=None):
        """More notifications; None: nobody was killed."""
        for name, more in (('sent', sent), ('stored', stored), ('unread', unread), ('in_hand', in_hand), ('lost', lost),
                           ('doubled', doubled)):
            if more is not None:
                setattr(self, name, (getattr(self, name) or 0) + more)

    def as_dict(self):
        return asdict(self)


def cell(value):
    if value is None:
        return '-'
    return '%.1f' % value if isinstance(value, float) else str(value)


def table(rows):
    """Lines of (name, verdict, Figures as a dict)."""
    columns = [f.name for f in fields(Figures) if f.name != 'note']
    head = ['fault', 'verdict', *(HEADINGS[c] for c in columns), 'note']
    body = [[name, verdict, *(cell(figures.get(c)) for c in columns), figures.get('note', '')]
            for name, verdict, figures in rows]
    widths = [max(len(line[i]) for line in [head] + body) for i in range(len(head))]
    return ['  '.join(text.ljust(width) for text, width in zip(line, widths)).rstrip()
            for line in [head] + body]
