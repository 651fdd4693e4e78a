# SPDX-License-Identifier: MIT
"""Files for the import folder, most of them made here, by the minute, and the folder they are put into: what
the tests of files share."""
import datetime
import os
from pathlib import Path

from world import Case

RATE = 20  # 3 s of keeping still are 0.15 s
SHARED = Path(os.environ.get('STRIDED_SHARED') or
              Path(__file__).resolve().parents[2] / '..' / 'shared') / 'data'
DAY = datetime.datetime(2024, 5, 1, 8, 0, tzinfo=datetime.timezone.utc)
ANNA = '[Runner anna]\nTimeZone=Europe/London\n'


def gpx(start=DAY, seconds=600, every=10, heart=None, sport='running', grade=None, strides=None):
    """A track to the north at 3 m/s, from 500 m on if it has a grade."""
    lines = ['<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1" '
             'xmlns:x="http://www.garmin.com/xmlschemas/TrackPointExtension/v1"><trk><type>%s</type>'
             '<trkseg>' % sport]
    for t in range(0, seconds + 1, every):
        at = start + datetime.timedelta(seconds=t)
        lines.append('<trkpt lat="%.7f" lon="9">%s<time>%s</time>%s</trkpt>' % (
            48 + 3 * t / 111195, '' if grade is None else '<ele>%.2f</ele>' % (500 + 3 * t * grade),
            at.strftime('%Y-%m-%dT%H:%M:%SZ'),
            '<extensions><x:TrackPointExtension>%s%s</x:TrackPointExtension></extensions>' % (
                '<x:hr>%d</x:hr>' % heart if heart else '', '<x:cad>%d</x:cad>' % strides if strides else '')
            if heart or strides else ''))
    return ('\n'.join(lines) + '</trkseg></trk></gpx>').encode()


def on_day(n, **options):
    return gpx(DAY + datetime.timedelta(days=n), **options)


class Files:
    """Of a Case: its world has a folder that files are put into."""

    def take_files(self, *runners, after='keep'):
        """With a subfolder for each; the daemon hears of it when it starts."""
        self.folder = Path(self.world.folder) / 'import'
        for runner in runners:
            (self.folder / runner).mkdir(parents=True)
        self.world.write_config(self.world.config_text + '[Import]\nFolder=%s\nAfter=%s\n' % (self.folder, after))

    def put(self, name, data):
        """As a good program does: under another name first."""
        path = self.folder / name
        path.with_name('.' + path.name).write_bytes(data)
        path.with_name('.' + path.name).rename(path)
        return path

    def copies(self):
        folder = Path(self.world.state.path) / 'imported'
        return sorted(str(p.relative_to(folder)) for p in folder.glob('*/*.gz')) if folder.exists() else []


class Folder(Files, Case):
    """A daemon with a folder that files are put into."""

    def start(self, runners=ANNA, sensors=(), after='keep', rate=RATE, folder=True, broker=True, config=''):
        world = self.make_world('[HomeAssistant]\nDiscovery=no\n' + runners + config, sensors, clock=rate,
                                broker=broker)
        self.take_files(*(() if not folder else ('anna',) if runners == ANNA else ('anna', 'ben')), after=after)
        if broker:
            world.listen()
        world.start_ready()

    def imports(self):
        return self.world.state.rows('SELECT * FROM imports ORDER BY seq')

    def sessions(self):
        return self.world.state.rows('SELECT * FROM sessions ORDER BY start_usec, id')

    def wait_import(self, name):
        return self.wait_for(lambda: next((r for r in self.imports() if r['name'] == name), None),
                             'the import of ' + name)

    def wait_imports(self, n):
        self.wait_for(lambda: len(self.imports()) >= n or None, '%d imports' % n)
        self.assertEqual(len(self.imports()), n)

    def wait_told(self, name):
        return self.world.listener.wait('/event$', lambda m: m.json['kind'] == 'import' and
                                        m.json['body']['file'] == name).json

    def told_imports(self):
        """The files, in order; when the broker has the event of each that has a row by now."""
        self.wait_for(lambda: not self.world.state.rows("SELECT id FROM events WHERE kind = 'import'") or None,
                      'all to be told')
        self.world.listener.catch_up()
        return [e['body']['file'] for e in self.world.listener.events() if e['kind'] == 'import']

    def at(self, *date, runners=ANNA, config='', sensors=()):
        """A world that begins at this moment of UTC."""
        self.start(runners, sensors, config=config)
        self.world.sim.ctl('clock wall %d' % datetime.datetime(*date, tzinfo=datetime.timezone.utc).timestamp())

    def measures(self, accept, since=0):
        return self.world.listener.wait('/anna/week$', lambda m: m.text and accept(m.json), since=since).json['measures']

    def alert_events(self):
        self.world.listener.catch_up()
        return [(e['body']['alert']['rule'], e['body']['news']) for e in self.world.listener.events()
                if e['kind'] == 'alert']
