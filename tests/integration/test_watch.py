# SPDX-License-Identifier: MIT
"""stridectl on a terminal: tables that fit it, and `watch`: what it shows of a run, and that it leaves the
terminal as it was, whatever ends it."""
import json
import os
import re
import signal
import subprocess

from harness import die_with_parent, find_program
from runs import ANNA, BEN, Runs
from terminal import OnTerminal
from world import BELT, PATIENCE, POD, STRAP, run_tests, sensor

METRES = re.compile(r'distance +(\d+\.\d\d) km')


class Watch(Runs):
    def watch(self, *words, columns=80, lines=24, **env):
        terminal = OnTerminal(
            [find_program('stridectl', 'STRIDECTL'), *words],
            {**os.environ, **self.world.environment(), 'TERM': 'xterm', 'LC_ALL': 'C.UTF-8', **env}, columns, lines)
        self.addCleanup(terminal.close)
        return terminal

    def begin(self, *config):
        self.start('pod:P:%s:awake,scenario=steady,noise=0' % POD, 'strap:S:%s:awake' % STRAP, rate=10,
                   config=(ANNA, *config, sensor('pod', POD), sensor('strap', STRAP), sensor('belt', BELT)))
        self.world.wait_control()

    def wait_run(self, terminal):
        return terminal.wait(lambda text: METRES.search(text) and float(METRES.search(text).group(1)) > 0.1,
                             'a run on the screen')

    def check_left(self, terminal, status):
        """The terminal is as it was, and says nothing of it."""
        self.assertEqual(terminal.wait_end(), status)
        self.assertTrue(terminal.screen.is_clean(), terminal.raw[-400:])
        self.assertTrue(terminal.mode_is_as_before())
        self.assertEqual(terminal.screen.text().replace('^C', '').strip(), '')

    def test_a_run_goes_by_until_q(self):
        self.begin()
        terminal = self.watch('watch')
        text = self.wait_run(terminal)
        self.assertTrue(terminal.screen.alternate)
        self.assertFalse(terminal.screen.cursor)
        self.assertRegex(text, r'(?m)^gateway +\w+, strided .*, clock \w+: \d{4}-\d\d-\d\d \d\d:\d\d UTC$')
        self.assertRegex(text, r'(?m)^pod +pod +anna +streaming +\d+ +')
        self.assertRegex(text, r'(?m)^belt +- +anna +absent +- +not heard yet$')
        self.assertRegex(text, r'(?m)^anna  running  \d{8}T\d{6}Z-0$')
        self.assertRegex(text, r'cadence +1\d\d spm')
        self.assertRegex(text, r'pace +\d:\d\d /km')
        self.assertRegex(text, r'(?m)^  left today  not known; what is missing: stridectl week$')
        metres = float(METRES.search(text).group(1))
        terminal.wait(lambda text: float(METRES.search(text).group(1)) > metres + 0.05, 'more metres')
        terminal.press('x')
        terminal.press('q')
        self.check_left(terminal, 0)

    def test_what_it_shows_is_what_status_says(self):
        self.begin()
        status = self.wait_for(lambda: self.world.ctl('status')['data']['live'], 'something live')
        self.assertEqual([entry['runner'] for entry in status], ['anna'])
        self.assertEqual(set(status[0]['live']), set(self.world.listener.wait('/live$').json))
        lines = subprocess.Popen([find_program('stridectl', 'STRIDECTL'), '--json', 'watch'], text=True,
                                 stdout=subprocess.PIPE, preexec_fn=die_with_parent,
                                 env={**os.environ, **self.world.environment()})
        told = [json.loads(lines.stdout.readline()) for _ in range(3)]
        lines.send_signal(signal.SIGINT)
        self.assertEqual(lines.wait(PATIENCE), 0)
        lines.stdout.close()
        elapsed = [entry['live'][0]['live']['elapsed_s'] for entry in told]
        self.assertEqual(sorted(set(elapsed)), elapsed)

    def test_every_signal_leaves_the_terminal_as_it_was(self):
        self.begin()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGSEGV, signal.SIGABRT):
            with self.subTest(signal=number):
                terminal = self.watch('watch')
                terminal.wait(lambda text: 'streaming' in text, 'the sensors')
                terminal.signal(number)
                self.check_left(terminal, 0 if number == signal.SIGINT else -number)
        terminal = self.watch('watch')
        terminal.wait(lambda text: 'streaming' in text, 'the sensors')
        terminal.press('\x03')
        self.check_left(terminal, 0)

    def test_a_stopped_one_gives_the_terminal_back_and_takes_it_again(self):
        self.begin()
        terminal = self.watch('watch')
        terminal.wait(lambda text: 'streaming' in text, 'the sensors')
        terminal.signal(signal.SIGTSTP)
        self.wait_for(terminal.stopped, 'it to stop')
        terminal.read()
        self.assertTrue(terminal.screen.is_clean())
        self.assertTrue(terminal.mode_is_as_before())
        terminal.signal(signal.SIGCONT)
        terminal.wait(lambda text: terminal.screen.alternate and 'streaming' in text, 'the sensors again')
        terminal.press('q')
        self.check_left(terminal, 0)

    def test_it_fits_a_terminal_that_changes(self):
        self.begin()
        terminal = self.watch('watch', columns=120, lines=40)
        self.wait_run(terminal)
        terminal.wait(lambda text: re.search(r'pace.*heart rate.*cadence', text), 'three figures in a line')
        terminal.resize(48, 10)
        text = terminal.wait(lambda text: re.search(r'(?m)^  pace +\S+ /km$', text), 'one figure in a line')
        self.assertNotIn('KIND', text)
        self.assertLessEqual(len(text.splitlines()), 10)
        self.assertLessEqual(max(map(len, text.splitlines())), 48)
        terminal.press('q')
        self.check_left(terminal, 0)

    def test_without_the_daemon_nothing_old_is_shown(self):
        self.begin()
        terminal = self.watch('watch')
        self.wait_run(terminal)
        self.world.stop()
        text = terminal.wait(lambda text: 'strided does not run' in text, 'the sentence')
        self.assertNotIn('distance', text)
        self.assertNotIn('streaming', text)
        self.world.start_ready()
        self.wait_run(terminal)
        terminal.press('q')
        self.check_left(terminal, 0)

    def test_one_runner_alone(self):
        self.begin(BEN)
        terminal = self.watch('--runner', 'ben', 'watch')
        text = terminal.wait(lambda text: 'ben  no session' in text, 'ben')
        self.assertNotIn('anna', text)
        terminal.press('q')
        self.check_left(terminal, 0)
        status, out, err = self.world.stridectl('--runner', 'eve', '--json', 'watch')
        self.assertEqual((status, out, err), (1, '', 'stridectl: There is no such runner (allowed: anna | ben)\n'))

    def test_tables_are_as_wide_as_the_terminal_and_coloured_there_alone(self):
        self.begin()
        for name in ('pod', 'strap'):
            self.world.wait_sensor(name, 'streaming')
        piped = self.world.stridectl('sensors')[1]
        self.assertNotIn('\x1b', piped)
        self.assertIn('ADDRESS', piped)

        def seen(*words, columns=80, **env):
            terminal = self.watch(*words, columns=columns, **env)
            self.assertEqual(terminal.wait_end(), 0)
            return terminal.raw, terminal.screen.text()
        raw, text = seen('sensors', columns=200)
        self.assertEqual(text.split('\n'), piped.splitlines())
        self.assertRegex(raw, r'\x1b\[32mstreaming\x1b\[0m')
        raw, text = seen('sensors', columns=44)
        self.assertLessEqual(max(map(len, text.split('\n'))), 44)
        self.assertNotIn('ADDRESS', text)
        self.assertIn('SENSOR', text)
        self.assertIn('ADDRESS', seen('--full', 'sensors', columns=44)[1])
        self.assertNotIn('ADDRESS', seen('sensors', columns=200, COLUMNS='44')[1])
        for words, env in ((('sensors',), {'NO_COLOR': '1'}), (('sensors', '--color=never'), {}),
                           (('sensors',), {'TERM': 'dumb'}), (('--json', 'sensors'), {})):
            self.assertNotIn('\x1b', seen(*words, **env)[0], words)
        self.assertIn('\x1b[32m', seen('sensors', '--color=always', NO_COLOR='1')[0])
        self.assertIn('\x1b[32m', seen('sensors', NO_COLOR='')[0]) # set to nothing is not set
        self.assertIn('\x1b[32m', self.world.stridectl('--color', 'always', 'sensors')[1])
        self.assertNotRegex(seen('sensors', columns=60, LC_ALL='C')[0], r'[^\x00-\x7f]')

    def test_no_terminal_is_no_place_for_it(self):
        self.begin()
        status, out, err = self.world.stridectl('watch')
        self.assertEqual((status, out), (2, ''))
        self.assertIn('this is none', err)
        terminal = self.watch('watch', TERM='dumb')
        self.assertEqual(terminal.wait_end(), 2)
        self.assertNotIn('\x1b', terminal.raw)


if __name__ == '__main__':
    run_tests()
