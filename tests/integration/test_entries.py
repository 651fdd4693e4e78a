# SPDX-License-Identifier: MIT
"""What a person enters: how a run was, a run that nothing recorded, that one is to go for good. What was answered
stands, whatever becomes of the process or of the database."""
import datetime
import json
import os
import re
import signal
import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import test_corrections
from harness import find_program
from terminal import OnTerminal
from world import run_tests

ZONE = ZoneInfo('Europe/London')


class Entries(test_corrections.Corrections):
    """Only what they share: their tests are theirs."""


for name in [n for n in dir(Entries) if n.startswith('test_')]:
    setattr(Entries, name, None)


class Notes(Entries):
    def note(self, *words):
        status, out, err = self.world.stridectl('session', 'note', *words)
        self.assertEqual(status, 0, err)
        return dict(re.split('  +', line, maxsplit=1) for line in out.splitlines())

    def noted(self, session):
        return self.world.state.rows('SELECT effort, surface, shoes FROM notes WHERE id = ?', session)[0]

    def test_how_a_run_was_stays_said(self):
        self.begin()
        run = self.run_of_anna()
        said = {'done': 'note', 'id': run['id'], 'effort': '7.5', 'surface': 'trail', 'shoes': 'the blue ones'}
        self.assertEqual(self.note('runner=anna', 'effort=7.5', 'surface=trail', 'shoes=the blue ones'), said)
        self.kill()
        self.assertEqual(self.note('id=' + run['id'], 'effort=8'), {**said, 'effort': '8'})
        self.lose_database()
        self.wait_for(lambda: self.world.state.rows('SELECT * FROM sessions') and
                      self.world.state.rows('SELECT * FROM notes'), 'its rows')
        self.assertEqual(self.noted(run['id']), {'effort': 8, 'surface': 'trail', 'shoes': 'the blue ones'})
        self.assertEqual(self.note('id=' + run['id'], 'runner=anna', 'shoes=null', 'effort=null'),
                         {**said, 'effort': '-', 'shoes': '-'})
        self.kill()
        self.assertEqual(self.noted(run['id']), {'effort': None, 'surface': 'trail', 'shoes': None})
        self.assertEqual(self.row(run['id'])['state'], 'ended')

    def test_of_a_run_that_goes_on_and_of_a_file(self):
        self.begin()
        run = self.wait_session(lambda s: (s['distance_m'] or 0) > 100, 'a run')
        self.assertEqual(self.note('runner=anna', 'effort=3')['id'], run['id'])
        self.kill()
        self.stand('P', 'S')
        self.world.ctl('session', 'stop', 'runner=anna')
        self.wait_row(run['id'], state='ended')
        self.assertEqual(self.noted(run['id'])['effort'], 3)
        for words, expected in (
                (('runner=ben', 'effort=3'), 'This runner has no session yet'),
                (('id=' + run['id'], 'runner=ben', 'effort=3'), 'not of this runner'),
                (('id=../x', 'effort=3'), 'none can be called that'),
                (('id=x', 'effort=3'), 'There is no such session'),
                (('runner=anna',), 'What is to be noted of it? (allowed: effort, surface or shoes)'),
                (('runner=anna', 'effort=3.2'), 'The effort is whole or half (allowed: 0, 0.5, 1'),
                (('runner=anna', 'surface=lava'), '(allowed: road | track | trail | grass | sand | treadmill | other | null)'),
                (('effort=3',), 'There are several runners')):
            with self.subTest(words):
                status, _, err = self.world.stridectl('session', 'note', *words)
                self.assertEqual(status, 1)
                self.assertIn(expected, err)

    def test_of_a_file_over_mqtt(self):
        self.with_folder()
        self.put('ben/run.gpx', self.a_run())
        run = self.wait_import('run.gpx', 'ben')['sessions'][0]
        answer = self.world.ask_broker('session', {'do': 'note', 'runner': 'ben', 'surface': 'road', 'effort': 6})
        self.assertEqual((answer['error'], answer['data']), (None, {
            'done': 'note', 'id': run['id'], 'effort': 6.0, 'surface': 'road', 'shoes': None}))
        self.world.ctl('session', 'assign', 'id=' + run['id'], 'runner=anna')  # it is said of the run
        self.lose_database()
        self.wait_row(run['id'], runner='anna')
        self.wait_for(lambda: self.world.state.rows('SELECT * FROM notes'), 'what was said')
        self.assertEqual(self.noted(run['id']), {'effort': 6, 'surface': 'road', 'shoes': None})


class Logged(Entries):
    def day(self, days=0):
        """The local day in London, so many days ago."""
        return str((datetime.datetime.fromtimestamp(self.world.now()[1], ZONE) - datetime.timedelta(days=days)).date())

    def log(self, *words):
        status, out, err = self.world.stridectl('log-run', *words)
        self.assertEqual(status, 0, err)
        return dict(re.split('  +', line, maxsplit=1) for line in out.splitlines())

    def logged(self):
        folder = Path(str(self.world.state)) / 'logged'
        return sorted(p.name for p in folder.iterdir()) if folder.exists() else []

    def test_a_run_that_nothing_recorded_counts(self):
        self.with_folder()
        since = self.world.listener.mark()
        run = self.log('runner=anna', 'day=' + self.day(2), 'start=07:30', 'distance_m=5000', 'moving_s=1800',
                       'downhill_drop_m=60', 'effort=6', 'surface=trail')
        self.assertEqual({k: run[k] for k in ('runner', 'start', 'distance_m', 'downhill_drop_m', 'ascent_m', 'effort',
                                              'surface', 'shoes', 'counts', 'instead', 'kind')},
                         {'runner': 'anna', 'start': '07:30', 'distance_m': '5000', 'downhill_drop_m': '60',
                          'ascent_m': '-', 'effort': '6', 'surface': 'trail', 'shoes': '-', 'counts': 'yes', 'instead': '-',
                          'kind': 'run'})
        self.kill()
        self.assertEqual(self.week('anna'), 5000)
        before = self.row(run['id'])
        self.assertEqual((before['day'], before['state'], before['distance_m'], before['downhill_drop_m']),
                         (self.day(2), 'ended', 5000, 60))
        at = datetime.datetime.fromtimestamp(before['start_usec'] / 1e6, ZONE)
        self.assertEqual((at.hour, at.minute), (7, 30))
        told = self.wait_told('session_end', 'anna', run['id'], since)
        self.assertEqual(told['body']['source']['distance'], 'hand')
        self.lose_database()
        self.wait_for(lambda: self.world.state.rows('SELECT * FROM sessions'), 'its row')
        self.assertEqual({**self.row(run['id']), 'seq': 0}, {**before, 'seq': 0})
        self.assertEqual(self.week('anna'), 5000)
        self.wait_for(lambda: self.world.state.rows('SELECT * FROM notes') or None, 'what was said of it')
        self.assertEqual(self.logged(), [run['id']])
        self.world.ctl('session', 'assign', 'id=' + run['id'], 'runner=ben')
        self.kill()
        self.assertEqual(self.weeks(), (0, 5000))
        self.assertEqual(self.row(run['id'])['day'], self.day(2))  # as it was told
        self.lose_database()
        self.wait_row(run['id'], runner='ben')
        self.world.ctl('session', 'discard', 'id=' + run['id'])
        self.kill()
        self.assertEqual(self.weeks(), (0, 0))
        self.lose_database()
        self.wait_row(run['id'], state='discarded')
        self.assertEqual(self.weeks(), (0, 0))
        self.check_schemas()

    def test_the_same_run_from_a_file_counts_in_its_place(self):
        self.with_folder()
        self.put('anna/watch.gpx', self.a_run())
        watch = self.wait_import('watch.gpx', 'anna')['sessions'][0]
        at = datetime.datetime.fromtimestamp(self.row(watch['id'])['start_usec'] / 1e6, ZONE)
        same = ('day=%s' % at.date(), 'start=' + at.strftime('%H:%M'), 'distance_m=2000', 'moving_s=600')
        run = self.log('runner=anna', *same)
        self.assertEqual((run['counts'], run['instead']), ('no', watch['id']))
        self.assertEqual(round(self.week('anna')), round(watch['distance_m']))
        bens = self.log('runner=ben', *same)
        self.assertEqual(bens['counts'], 'yes')
        self.world.ctl('session', 'discard', 'id=' + watch['id'])  # it counts again
        self.kill()
        self.assertEqual(self.weeks(), (2000, 2000))
        untimed = self.log('runner=anna', same[0], *same[2:])
        self.assertEqual((untimed['counts'], untimed['start']), ('yes', '-'))
        self.assertEqual(self.weeks(), (4000, 2000))

    def test_what_cannot_have_been_is_refused(self):
        self.with_folder()
        soon = datetime.datetime.fromtimestamp(self.world.now()[1], ZONE) + datetime.timedelta(minutes=30)
        for words, expected in (
                (('day=%s' % soon.date(), 'start=' + soon.strftime('%H:%M')), 'would not be over yet'),
                (('day=2099-01-01',), 'would not be over yet'),
                (('day=1970-01-01',), 'too long ago'),
                (('day=' + self.day(1), 'start=25:00'), 'no time of the day'),
                (('day=' + self.day(1), 'ascent_m=5001'), 'more than it was long'),
                (('day=' + self.day(1), 'moving_s=60'), 'Nobody runs so far')):
            with self.subTest(words):
                given = {'distance_m': '5000', 'moving_s': '1800', **dict(w.split('=') for w in words)}
                status, _, err = self.world.stridectl('log-run', 'runner=anna', *('%s=%s' % g for g in given.items()))
                self.assertEqual(status, 1)
                self.assertIn(expected, err)
        self.assertEqual((self.logged(), self.world.state.rows('SELECT * FROM sessions')), ([], []))

    def test_it_raises_what_a_recorded_one_would(self):
        """And over MQTT, where it is safe: 5 km a week for five weeks, and then 9 today."""
        self.with_folder()
        for week in range(5):
            self.log('runner=anna', 'day=' + self.day(7 * week + 8), 'start=08:00', 'distance_m=5000', 'moving_s=1800')
        since = self.world.listener.mark()
        answer = self.world.ask_broker('log-run', {'day': self.day(), 'distance_m': 9000, 'moving_s': 60 * 45,
                                                   'runner': 'anna', 'transaction': 'a'})
        self.assertEqual((answer['error'], answer['data']['counts']), (None, True))
        alert = self.world.listener.wait('/anna/event$', lambda m: m.json['kind'] == 'alert', since=since).json['body']
        self.assertIn(alert['alert']['rule'], ('spike_distance', 'weekly_distance'))


class Imports(Entries):
    def ask(self, *words):
        status, out, err = self.world.stridectl('--json', 'import', *words)
        self.assertEqual(status, 0, err)
        answer = json.loads(out)
        return answer.get('data', answer)

    def test_a_file_is_read_when_it_is_asked_for(self):
        """Without waiting until it has kept still, and with its outcome for an answer."""
        self.with_folder()
        data = self.a_run()
        (self.folder / 'anna' / 'run.gpx').write_bytes(data)
        answer = self.ask('run.gpx', 'runner=anna')
        self.assertEqual((answer['verdict'], answer['runner'], answer['file'], answer['reason']),
                         ('imported', 'anna', 'run.gpx', None))
        run, = answer['sessions']
        self.assertEqual((run['counts'], run['instead']), (True, None))
        self.assertGreater(self.week('anna'), 1000)
        self.assertEqual(self.row(run['id'])['state'], 'ended')
        (self.folder / 'anna' / 'again.gpx').write_bytes(data)
        known = self.ask('again.gpx', 'runner=anna')
        self.assertEqual((known['verdict'], known['sessions']), ('known', [run]))
        (self.folder / 'ben' / 'mine.gpx').write_bytes(data)
        self.assertIn('was imported for anna', self.ask('mine.gpx', 'runner=ben')['reason'])
        self.put('anna/bad.gpx', b'no run at all')
        self.wait_import('bad.gpx', 'anna')
        for _ in range(2): # it is read once more, and says so
            bad = self.ask('bad.gpx', 'runner=anna')
            self.assertEqual((bad['verdict'], bad['sessions']), ('refused', []))
            self.assertIn('Refused', bad['reason'])
        self.world.ctl('session', 'discard', 'id=' + run['id'])
        gone = self.ask('run.gpx', 'runner=anna')
        self.assertIn('was discarded on', gone['reason'])

    def at_the_bus(self, name):
        """One question, while others go on; its answer."""
        return subprocess.Popen(
            ['busctl', '--address=' + self.world.bus.address, '--json=short', 'call', 'org.strided1', '/org/strided1',
             'org.strided1.Gateway', 'Import', 's', json.dumps({'file': name, 'runner': 'anna'})], stdout=subprocess.PIPE)

    @staticmethod
    def answered(asker):
        return json.loads(json.loads(asker.communicate(timeout=60)[0])['data'][0])

    def at_terminal(self, *words):
        terminal = OnTerminal([find_program('stridectl', 'STRIDECTL'), *words],
                              {**os.environ, **self.world.environment(), 'TERM': 'xterm', 'LC_ALL': 'C.UTF-8'})
        self.addCleanup(terminal.close)
        return terminal

    def test_one_that_takes_long_is_waited_for(self):
        """Whoever asked is told after 20 s that it goes on, and waits on by asking again, as stridectl does."""
        self.with_folder()
        blanks = b'<trkseg>' + b' ' * 30000000 # so that the reader can be caught reading
        (self.folder / 'anna' / 'run.gpx').write_bytes(self.a_run().replace(b'<trkseg>', blanks))
        first = self.at_the_bus('run.gpx')
        with self.world.held_up(self.world.reading_process()):
            self.world.sim.ctl('clock jump 21')
            told = self.answered(first)['error']
            self.assertEqual((told['code'], 'the same again' in told['allowed']), ('under_way', True))
            self.assertEqual(self.answered(self.at_the_bus('other.gpx'))['error']['code'], 'busy')
            terminal = self.at_terminal('import', 'run.gpx', 'runner=anna')
            terminal.wait(lambda text: 'reading it, seconds:  2' in text, 'the seconds')
            self.world.sim.ctl('clock jump 21') # it is told the same, and asks on
            seconds = int(re.search(r'seconds:  (\d+)', terminal.text()).group(1))
            terminal.wait(lambda text: int(re.search(r'seconds:  (\d+)', text).group(1)) > seconds + 2, 'more of them')
        self.assertEqual(terminal.wait_end(), 0)
        self.assertRegex(terminal.text(), r'(?m)^run\.gpx: imported\nSESSION')
        self.assertNotIn('seconds', terminal.text())
        # what follows is not taken for that one
        (self.folder / 'anna' / 'bad.gpx').write_bytes(b'no run at all')
        self.assertEqual(self.ask('bad.gpx', 'runner=anna')['verdict'], 'refused')

    def test_the_same_again_has_the_answer_also_of_one_that_is_through_by_then(self):
        """As a client of MQTT asks again, who does not do so at once: the file may be moved away meanwhile."""
        self.with_folder(after='move')
        blanks = b'<trkseg>' + b' ' * 30000000
        file = self.folder / 'anna' / 'run.gpx'
        file.write_bytes(self.a_run().replace(b'<trkseg>', blanks))
        asker = self.at_the_bus('run.gpx')
        with self.world.held_up(self.world.reading_process()):
            self.world.sim.ctl('clock jump 21')
            self.assertEqual(self.answered(asker)['error']['code'], 'under_way')
            self.assertEqual(self.answered(self.at_the_bus('other.gpx'))['error']['code'], 'busy')
        self.wait_for(lambda: not file.exists(), 'the file to be moved')
        answer = self.answered(self.at_the_bus('run.gpx'))
        self.assertIsNone(answer.get('error'))
        self.assertEqual((answer['data']['verdict'], answer['data']['file']), ('imported', 'run.gpx'))
        self.assertEqual(len(answer['data']['sessions']), 1)
        self.assertEqual(self.answered(self.at_the_bus('run.gpx'))['error']['code'], 'not_found') # it was told

    def test_who_is_tired_of_waiting_leaves_it_going_on(self):
        self.with_folder()
        (self.folder / 'anna' / 'run.gpx').write_bytes(self.a_run())
        self.world.daemon.process.send_signal(signal.SIGSTOP) # nothing comes through
        terminal = self.at_terminal('import', 'run.gpx', 'runner=anna')
        try:
            terminal.wait(lambda text: 'reading it, seconds:  2' in text, 'the seconds')
            terminal.wait(lambda text: 'reading it, seconds:  3' in text, 'one more')
            terminal.signal(signal.SIGINT)
            self.assertEqual(terminal.wait_end(), 128 + signal.SIGINT)
        finally:
            self.world.daemon.process.send_signal(signal.SIGCONT)
        self.assertIn('it goes on; stridectl imports tells what became of it', terminal.text())
        self.assertNotIn('seconds', terminal.text())
        self.assertEqual(self.wait_import('run.gpx', 'anna')['verdict'], 'imported')

    def test_a_file_below_is_asked_for_by_its_way(self):
        self.with_folder()
        (self.folder / 'anna' / 'activities').mkdir()
        (self.folder / 'anna' / 'activities' / 'run.gpx').write_bytes(self.a_run())
        answer = self.ask('activities/run.gpx', 'runner=anna')
        self.assertEqual((answer['verdict'], answer['file']), ('imported', 'activities/run.gpx'))

    def test_what_lies_elsewhere_is_not_read(self):
        self.with_folder()
        (self.folder / 'secret.gpx').write_bytes(self.a_run())
        (self.folder / 'anna' / 'link.gpx').symlink_to(self.folder / 'secret.gpx')
        (self.folder / 'anna' / 'sub').mkdir()
        (self.folder / 'anna' / 'ways').symlink_to(self.folder)
        for name in ('secret.gpx', 'link.gpx', 'sub', 'none.gpx', 'ways/secret.gpx', 'sub/../../secret.gpx', '../secret.gpx', '..', '/etc/passwd'):
            with self.subTest(name):
                status, _, err = self.world.stridectl('import', 'file=' + name, 'runner=anna')
                self.assertEqual(status, 1)
                self.assertRegex(err, 'There is no such file|not the name of a file')
        self.assertEqual(self.world.state.rows('SELECT * FROM sessions'), [])


class Backups(Entries):
    def test_the_readme_puts_the_database_back(self):
        self.with_folder()
        self.put('anna/run.gpx', self.a_run())
        run = self.wait_import('run.gpx', 'anna')['sessions'][0]
        answer = self.world.ctl('backup')['data']
        copy = Path(str(self.world.state)) / answer['name']
        self.assertEqual(copy.stat().st_size, answer['size_bytes'])
        self.world.ctl('session', 'discard', 'id=' + run['id'])
        self.world.stop(signal.SIGTERM)
        state = Path(str(self.world.state))
        for old in state.glob('strided.db*'):
            old.unlink()
        copy.rename(state / 'strided.db')
        self.world.start_ready()
        self.world.wait_control()
        self.assertEqual(self.row(run['id'])['state'], 'ended')

    def test_each_night_if_that_is_wanted(self):
        self.with_folder()
        (Path(str(self.world.state)) / 'backups').write_text('in the way')
        self.world.write_config('[Gateway]\nBackup=nightly\n' + self.world.config_text)
        since = len(self.world.daemon.lines)
        self.world.daemon.process.send_signal(signal.SIGHUP)
        self.world.daemon.wait_log('Configuration reloaded', since=since)
        folder = Path(str(self.world.state)) / 'backups'
        at = datetime.datetime.fromtimestamp(self.world.now()[1]).replace(hour=3, minute=31) + datetime.timedelta(days=1)
        self.world.sim.ctl('clock wall %d' % at.timestamp())  # where the machine is
        self.world.sim.ctl('clock rate %d' % 600)
        problem = 'The nightly copy of the database failed'
        self.wait_for(lambda: problem in str(self.world.ctl('status')['data']['health']['problems']) or None, problem)
        folder.unlink()
        self.wait_for(lambda: list(folder.glob('*.db')) if folder.exists() else None, 'the copy of the night')
        self.assertEqual(len(list(folder.glob('*.db'))), 1)
        self.wait_for(lambda: problem not in str(self.world.ctl('status')['data']['health']['problems']) or None, 'no problem')


class Deleted(Logged):
    """They go, come back, and go for good."""

    def pass_a_day(self, hours=25):
        self.world.sim.ctl('clock jump %d' % (hours * 3600))

    def delete(self, session, *words):
        status, out, err = self.world.stridectl('delete', session, *words)
        self.assertEqual(status, 0, err)
        return dict(re.split('  +', line, maxsplit=1) for line in out.splitlines())

    def below(self, folder):
        return sorted(str(p.relative_to(self.world.state.path)) for p in (Path(str(self.world.state)) / folder).rglob('*')
                      if p.is_file())

    def wait_gone(self, session):
        self.wait_for(lambda: not self.below('deleted') or None, 'all of it to be gone')
        self.assertEqual(self.world.state.rows('SELECT * FROM sessions WHERE id = ?', session), [])
        self.assertEqual(self.world.state.rows('SELECT * FROM notes WHERE id = ?', session), [])
        status, _, err = self.world.stridectl('delete', session, 'undo=true')
        self.assertEqual(status, 1)
        self.assertIn('No session of this id was deleted in the last day', err)

    def test_a_recording_goes_comes_back_and_goes_for_good(self):
        self.begin()
        run = self.run_of_anna()
        recording = 'sessions/%s.rec' % run['id']
        bytes_of = (Path(str(self.world.state)) / recording).read_bytes()
        before = self.row(run['id'])
        self.world.ctl('session', 'note', 'id=' + run['id'], 'effort=5')
        since = self.world.listener.mark()
        said = self.delete(run['id'])
        self.assertEqual((said['done'], said['id']), ('delete', run['id']))
        self.kill()
        self.assertEqual(self.week('anna'), 0)
        self.assertEqual(self.row(run['id'])['reason'], 'deleted by command')
        self.wait_told('retracted', 'anna', run['id'], since)
        self.assertEqual((self.below('sessions'), self.below('deleted')),
                         ([], ['deleted/.recordings/%s.rec' % run['id'], 'deleted/' + run['id']]))
        self.assertIn('deleted already', self.world.stridectl('delete', run['id'])[2])
        self.lose_database()
        self.assertEqual(self.week('anna'), 0)
        self.assertEqual(self.world.state.rows('SELECT * FROM sessions'), [])
        since = self.world.listener.mark()
        self.assertEqual(self.delete(run['id'], 'undo=true')['done'], 'undo')
        self.kill()
        self.assertAlmostEqual(self.week('anna'), run['distance_m'], delta=1)
        after = self.row(run['id'])
        for key in ('day', 'utc_offset_s', 'distance_m', 'trimp', 'start_usec', 'state', 'runner'):
            self.assertEqual(after[key], before[key], key)
        self.wait_told('session_end', 'anna', run['id'], since)
        self.assertEqual((self.below('sessions'), self.below('deleted')), ([recording], []))
        self.assertEqual((Path(str(self.world.state)) / recording).read_bytes(), bytes_of)
        self.delete(run['id'])
        self.kill()
        self.assertEqual(self.week('anna'), 0)
        self.pass_a_day(23)
        self.kill()
        self.assertEqual(self.below('deleted')[0], 'deleted/.recordings/%s.rec' % run['id'])
        self.pass_a_day(2)
        self.wait_gone(run['id'])
        self.assertEqual((self.below('sessions'), self.below('notes')), ([], []))
        self.check_schemas()

    def test_a_file_goes_and_does_not_come_in_again(self):
        self.with_folder()
        data = self.a_run()
        mine = self.put('anna/run.gpx', data)
        run = self.wait_import('run.gpx', 'anna')['sessions'][0]
        self.delete(run['id'])
        self.kill()
        self.assertEqual(self.week('anna'), 0)
        self.delete(run['id'], 'undo=true')
        self.kill()
        self.assertAlmostEqual(self.week('anna'), run['distance_m'], delta=1)
        self.assertEqual(self.row(run['id'])['state'], 'ended')
        self.delete(run['id'])
        self.lose_database()
        self.wait_row(run['id'], reason='deleted by command')
        self.assertEqual(self.week('anna'), 0)
        self.assertEqual(len(self.copies()), 1)
        self.pass_a_day()
        self.wait_gone(run['id'])
        self.assertEqual((self.copies(), mine.read_bytes()), ([], data))
        self.put('anna/again.gpx', data)
        self.wait_for(lambda: 'again.gpx' in [i[1] for i in self.listed()] or None, 'what became of it')
        self.assertEqual((self.copies(), self.week('anna')), ([], 0))
        self.lose_database()
        self.wait_for(lambda: ('anna', 'run.gpx', 'refused', 'Refused: what was in it was deleted') in self.listed() or None,
                      'that it is refused')
        self.assertEqual((self.copies(), self.world.state.rows('SELECT * FROM sessions')), ([], []))
        self.assertEqual(mine.read_bytes(), data)

    def own(self):
        """What the steps of anna's next run would be compared with, as its recording has it."""
        run = self.have_session()
        text = self.wait_for(lambda: (Path(str(self.world.state)) / 'sessions' / (run + '.rec')).read_text(), 'its recording')
        self.world.ctl('session', 'discard', 'id=' + run)
        return re.findall('^K .*', text, re.M)

    def test_a_file_that_comes_back_is_an_example_again(self):
        self.with_folder(anna=test_corrections.ANNA + 'FileAltitude=barometric\n')
        self.put('anna/run.gpx', self.a_run(seconds=2400, grade=0, strides=85))
        run = self.wait_import('run.gpx', 'anna')['sessions'][0]
        own = self.own()
        self.assertEqual(len(own), 1)
        self.delete(run['id'])
        self.assertEqual(self.own(), [])
        self.delete(run['id'], 'undo=true')
        self.assertEqual(self.own(), own)

    def two_runs(self):
        """One file of anna's, and what it comes to: the first is to go."""
        first, second = self.a_run(), self.a_run(seconds=800, hours=30)
        data = first.replace(b'</gpx>', second[second.index(b'<trk>'):])
        self.put('anna/two.gpx', data)
        return sorted(self.wait_import('two.gpx', 'anna')['sessions'], key=lambda run: run['distance_m'])

    def assert_stays_deleted(self, gone, stays, since):
        """Its file is ben's by now."""
        row = self.row(gone['id'])
        self.assertEqual((row['runner'], row['state'], row['reason']), ('ben', 'discarded', 'deleted by command'))
        self.assertEqual([run['id'] for run in self.world.ctl('sessions', 'runner=ben')['data']['sessions']], [stays['id']])
        told = self.wait_import('two.gpx', 'ben', since)
        self.assertEqual([run['id'] for run in told['sessions']], [stays['id']])
        self.assertEqual(self.week('anna'), 0)
        self.assertAlmostEqual(self.week('ben'), stays['distance_m'], delta=1)
        return row

    def test_what_is_deleted_does_not_come_back_with_a_file_that_is_given(self):
        self.with_folder()
        gone, stays = self.two_runs()
        before = self.row(gone['id'])
        self.delete(gone['id'])
        since = self.world.listener.mark()
        self.assertEqual(self.world.ctl('session', 'assign', 'id=' + stays['id'], 'runner=ben')['data']['sessions'], 1)
        row = self.assert_stays_deleted(gone, stays, since)
        self.assertAlmostEqual(row['distance_m'], before['distance_m'], delta=1)  # it may come back yet
        self.kill()
        self.delete(gone['id'], 'undo=true')
        self.kill()
        self.assertEqual((self.row(gone['id'])['state'], self.row(gone['id'])['runner']), ('ended', 'ben'))
        self.assertAlmostEqual(self.week('ben'), stays['distance_m'] + gone['distance_m'], delta=1)
        self.delete(gone['id'])
        self.world.ctl('session', 'assign', 'id=' + stays['id'], 'runner=anna')
        self.pass_a_day()  # of one that was given, too
        self.wait_for(lambda: not self.below('deleted') or None, 'all of it to be gone')
        self.assertEqual((self.row(gone['id'])['distance_m'], self.row(gone['id'])['runner']), (None, 'anna'))
        self.check_schemas()

    def check_what_is_gone_for_good(self, restart):
        self.with_folder()
        gone, stays = self.two_runs()
        self.delete(gone['id'])
        self.pass_a_day()
        self.wait_for(lambda: not self.below('deleted') or None, 'all of it to be gone')
        self.assertIsNone(self.row(gone['id'])['distance_m'])
        if restart:
            self.kill()
        since = self.world.listener.mark()
        self.world.ctl('session', 'assign', 'id=' + stays['id'], 'runner=ben')
        row = self.assert_stays_deleted(gone, stays, since)
        self.assertEqual((row['distance_m'], row['moving_s'], row['trimp'], row['end_usec']), (None, None, None, None))
        self.assertEqual(self.world.state.rows('SELECT id FROM levels WHERE id = ?', gone['id']), [])
        status, out, err = self.world.stridectl('export', 'sessions', 'runner=ben', '--output', '-')
        self.assertEqual((status, gone['id'] in out, stays['id'] in out), (0, False, True), err)
        self.delete(stays['id'])  # nothing else is left of its file
        self.pass_a_day()
        self.wait_gone(stays['id'])
        self.assertEqual((self.copies(), self.world.state.rows('SELECT * FROM sessions')), ([], []))
        self.check_schemas()

    def test_what_is_gone_for_good_does_not_come_back_with_a_file_that_is_given(self):
        self.check_what_is_gone_for_good(restart=False)

    def test_nor_does_it_after_a_start(self):
        self.check_what_is_gone_for_good(restart=True)

    def test_a_run_by_hand_goes(self):
        self.with_folder()
        run = self.log('runner=anna', 'day=' + self.day(2), 'distance_m=5000', 'moving_s=1800', 'effort=3')
        self.delete(run['id'], 'runner=anna')
        self.lose_database()
        self.wait_row(run['id'], reason='deleted by command')
        self.assertEqual(self.week('anna'), 0)
        self.delete(run['id'], 'undo=true')
        self.kill()
        self.assertEqual((self.week('anna'), self.row(run['id'])['state']), (5000, 'ended'))
        self.delete(run['id'])
        self.pass_a_day()
        self.wait_gone(run['id'])
        self.assertEqual((self.logged(), self.below('notes')), ([], []))

    def test_what_cannot_be_deleted_is_said(self):
        self.begin()
        run = self.wait_session(lambda s: (s['distance_m'] or 0) > 50, 'a run')
        for words, expected in (((run['id'],), 'session stop ends it'), (('x',), 'There is no such session'),
                                (('../x',), 'none can be called that'), ((run['id'], 'runner=eve'), 'no such runner'),
                                ((run['id'], 'undo=true'), 'No session of this id was deleted')):
            with self.subTest(words):
                status, _, err = self.world.stridectl('delete', *words)
                self.assertEqual(status, 1)
                self.assertIn(expected, err)


for name in [n for n in dir(Logged) if n.startswith('test_')]:
    setattr(Deleted, name, None)

if __name__ == '__main__':
    run_tests()
