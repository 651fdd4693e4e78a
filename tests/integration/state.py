# SPDX-License-Identifier: MIT
"""What the daemon keeps: a witness beside what it says. Recordings and the database are read where they
lie, while the daemon writes them."""
import os
import re
import sqlite3

PATIENCE = 60  # for the daemon's own hand on the database


class State:
    """A state folder, usable as its path."""

    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return self.path

    def __str__(self):
        return self.path

    def recording(self, session):
        return os.path.join(self.path, 'sessions', session + '.rec')

    def recordings(self):
        """Paths, oldest first; those that began in one second in any order."""
        folder = os.path.join(self.path, 'sessions')
        try:
            names = [n for n in os.listdir(folder) if n.endswith('.rec')]
        except FileNotFoundError:
            return []
        return [os.path.join(folder, n) for n in sorted(names)]

    def records(self, kind='', path=None):
        """The lines of one recording, or of all, as words without their checksums."""
        lines = []
        for one in [path] if path else self.recordings():
            with open(one) as f:
                lines += [line.rsplit(' *', 1)[0].split(' ') for line in f if line.endswith('\n')]
        return [words for words in lines if not kind or words[0] == kind]

    def begun(self):
        """Ids of the recordings in which a session began, whatever else a disk left in them."""
        found = set()
        for path in self.recordings():
            with open(path, errors='replace') as f:
                if any(re.fullmatch(r'G .* \*[0-9a-f]{4}\n', line) for line in f):
                    found.add(os.path.basename(path)[:-len('.rec')])
        return found

    def lose_database(self):
        """With its log; while no daemon has it open."""
        for name in os.listdir(self.path):
            if name.startswith('strided.db'):
                os.remove(os.path.join(self.path, name))

    def rows(self, query, *arguments):
        """Of its database; a table that is not there yet has no rows."""
        path = os.path.join(self.path, 'strided.db')
        if not os.path.exists(path):
            return []
        db = sqlite3.connect('file:%s?mode=ro' % path, uri=True, timeout=PATIENCE)
        db.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in db.execute(query, arguments)]
        except sqlite3.OperationalError as e:
            if 'no such table' in str(e):
                return []
            raise
        finally:
            db.close()
