# SPDX-License-Identifier: MIT
"""A route file that a footpod follows: its hill live, after a kill and at the end of the session, and
files that are none. Held against the hill that the file was made of."""
import gzip
import json
import os
import signal
from pathlib import Path

from runs import ANNA, BEN, POD2, Runs
from world import PATIENCE, POD, run_tests, sensor, wait_until

LEVEL_M, DOWN_M, STEEP = 300, 2000, 8
DROP_M = DOWN_M * STEEP / 100
HILL = [(m, 500 - STEEP / 100 * min(max(m - LEVEL_M, 0), DOWN_M)) for m in range(0, 2 * LEVEL_M + DOWN_M + 1, 10)]


def gpx(places, end='</trkseg></trk></gpx>'):
    """A planned track to the north, without times."""
    return ('<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>%s' % '\n'.join(
        '<trkpt lat="%.8f" lon="9">%s</trkpt>' % (48 + m / 111319.49, '' if h is None else '<ele>%.1f</ele>' % h)
        for m, h in places) + end).encode()


class Route(Runs):
    def begin(self, runners=ANNA, sensors=('pod:P:%s:awake,scenario=steady,noise=0' % POD,), also=(), rate=10):
        world = self.prepare(*sensors, rate=rate, config=(runners, sensor('pod', POD)) + also)
        self.folder = Path(world.folder) / 'import' / 'anna' / 'routes'
        self.folder.mkdir(parents=True)
        world.write_config(world.config_text + '[Import]\nFolder=%s\n' % self.folder.parent.parent)
        world.start_ready()

    def put(self, name, data):
        (self.folder / name).write_bytes(data)

    def latest(self, accept=lambda live: True):
        since = self.world.listener.mark()
        return self.world.listener.wait('/live$', lambda m: accept(m.json), since=since).json

    def ask_by_mqtt(self, name):
        """What gives the answer to it, once it is there."""
        since = self.world.listener.mark()
        self.world.publish('strided/hall/request/route', json.dumps({'file': name}))
        return lambda: self.world.listener.wait('response/route$', since=since).json

    def check_drop(self, told, what):
        self.assertIsNotNone(told, what)
        self.assertLessEqual(abs(told - DROP_M), 0.03 * DROP_M, '%s: %s of %.1f' % (what, told, DROP_M))

    def refused(self, name, code, allowed, **arguments):
        answer = self.world.ask('route', dict(arguments, file=name))
        self.assertEqual((answer['status'], answer['data']), ('error', None), name)
        error = answer['error']
        self.assertEqual((error['code'], error['argument']), (code, 'file'), error)
        self.assertRegex(error['allowed'], allowed)
        return error['message']

    def test_a_hill_outlives_the_daemon(self):
        self.begin()
        self.put('hill.gpx', gpx(HILL))
        before = self.latest(lambda live: (live['distance_m'] or 0) > 100)
        self.assertEqual((before['grade_pct'], before['source']['grade']), (None, None))
        with self.world.at_rate(2):
            answer = self.world.ctl('route', 'hill.gpx')['data']
        self.world.pass_time((LEVEL_M + 0.3 * DOWN_M) / 3, rate=60)
        self.assertEqual((answer['runner'], answer['file']), ('anna', 'hill.gpx'))
        self.assertAlmostEqual(answer['length_m'], HILL[-1][0], delta=2)
        # of a silence a moment ago it still tells the mean of the way through it
        live = self.latest(lambda live: (live['downhill_drop_m'] or 0) > 0.2 * DROP_M and
                           abs((live['grade_pct'] or 0) + STEEP) < 0.5)
        self.assertEqual(live['source']['grade'], 'route')
        lines = self.world.state.records('H')
        self.world.stop(signal.SIGKILL)
        self.put('hill.gpx', b'what was said holds, not the file')
        self.world.start_ready()
        self.world.wait_sensor('pod', 'streaming')
        live = self.latest(lambda live: live['grade_pct'] is not None)
        self.assertEqual(live['source']['grade'], 'route')
        self.world.pass_time(HILL[-1][0] / 3, rate=50) # half a minute without a word is a hole in the way
        live = self.latest()
        self.check_drop(live['downhill_drop_m'], 'live')
        self.assertIsNone(live['grade_pct'])  # the route is left behind
        self.world.ctl('session', 'stop')
        run = self.world.wait_event('session_end')['body']
        self.check_drop(run['downhill_drop_m'], 'at the end')
        self.assertEqual((run['source']['grade'], run['ascent_m']), ('route', 0))
        self.assertEqual(self.world.state.records('H'), lines)
        self.assertEqual(sum(len(words) - 2 for words in lines), len(HILL))

    def test_a_route_is_taken_back(self):
        self.begin()
        self.put('hill.gpx.gz', gzip.compress(gpx([(0, 100), (5000, 600)])))
        self.latest(lambda live: live['distance_m'])
        answer = self.ask_by_mqtt('hill.gpx.gz')
        self.assertEqual((answer()['status'], answer()['data']['file']), ('ok', 'hill.gpx.gz'))
        self.latest(lambda live: live['source']['grade'] == 'route' and abs((live['grade_pct'] or 0) - 10) < 0.5)
        self.assertEqual(self.world.ctl('route', 'null')['data'], {'runner': 'anna', 'file': None, 'length_m': None})
        self.latest(lambda live: live['grade_pct'] is None)

    def test_what_is_no_route_is_refused_by_name(self):
        self.begin(ANNA + BEN, also=(sensor('pod2', POD2, runner='ben'),))
        self.put('hill.gpx', gpx(HILL))
        self.put('cut.gpx', gpx(HILL, end=''))
        self.put('flat.gpx', gpx([(m, None) for m, _ in HILL]))
        self.put('bomb.gpx', b'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "b">]><gpx>&a;</gpx>')
        self.put('letter.gpx', b'Left, right, right again, and down the hill.')
        self.put('.hidden.gpx', gpx(HILL))
        self.put('run.fit', gpx(HILL))
        self.folder.parent.joinpath('up.gpx').write_bytes(gpx(HILL))
        os.symlink('hill.gpx', self.folder / 'link.gpx')
        os.mkdir(self.folder / 'folder.gpx')
        os.mkfifo(self.folder / 'pipe.gpx')
        self.wait_metres(10)
        for name in ('../up.gpx', '/etc/passwd', '..', '.hidden.gpx', 'run.fit', 'a\nb.gpx', 'routes/hill.gpx'):
            self.assertIn('not the name', self.refused(name, 'bad_argument', r'ends in \.gpx', runner='anna'))
        for name in ('up.gpx', 'nothing.gpx', 'link.gpx'):
            self.assertIn('anna', self.refused(name, 'not_found', r'\bhill\.gpx\b', runner='anna'))
        for name in ('folder.gpx', 'pipe.gpx'):
            self.refused(name, 'not_found', 'anna/routes', runner='anna')
        self.refused('hill.gpx', 'not_found', 'ben/routes', runner='ben')
        for name, why in (('cut.gpx', 'cut.gpx: .*byte'), ('flat.gpx', 'flat.gpx: it gives no heights'),
                          ('bomb.gpx', 'bomb.gpx: .*document type'), ('letter.gpx', 'letter.gpx: it is no')):
            self.assertRegex(self.refused(name, 'bad_file', 'a GPX file with heights', runner='anna'), why)
        answer = self.world.ask('route', {'file': 'hill.gpx', 'runner': 'carl'})
        self.assertEqual((answer['error']['argument'], answer['error']['allowed']), ('runner', 'anna | ben'))
        self.assertEqual(self.world.state.records('H'), [])
        self.assertIsNone(self.latest()['grade_pct'])
        self.assertEqual(self.world.ask('route', {'file': 'hill.gpx', 'runner': 'anna'})['status'], 'ok')
        self.world.ctl('session', 'stop', '--runner', 'anna')
        answer = self.world.ask('route', {'file': 'hill.gpx', 'runner': 'anna'})
        self.assertEqual((answer['error']['code'], answer['error']['argument']), ('not_found', 'runner'))

    def test_who_waits_for_a_route_is_told_that_strided_stops(self):
        self.begin()
        self.put('hill.gpx', gpx(HILL))
        self.put('long.gpx.gz', gzip.compress(gpx([], end='<!-- far to go -->\n' * 5000000), 1))
        self.latest(lambda live: live['distance_m'])
        answer = self.ask_by_mqtt('long.gpx.gz')
        os.kill(self.world.reading_process(), signal.SIGSTOP)
        busy = self.world.ask('route', {'file': 'hill.gpx'})
        self.assertEqual((busy['error']['code'], busy['error']['argument']), ('busy', None))
        self.assertIn('try again', busy['error']['message'])
        self.world.stop()
        error = answer()['error']
        self.assertEqual((error['code'], error['argument'], error['message']),
                         ('unavailable', None, 'strided is stopping'))


if __name__ == '__main__':
    run_tests()
