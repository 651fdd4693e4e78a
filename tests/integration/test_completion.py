#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What bash and zsh offer at a Tab: the verbs, words, names and options of the tables, runners and sensors as the daemon
itself says them, and nothing, soon, where it does not.

bash's functions are called as bash calls them, and once by a Tab at a terminal; zsh has a terminal each time, for its
completion works nowhere else.
"""
import contextlib
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from harness import wait_until
from test_commands import TABLE
from world import PATIENCE, POD, World, run_tests, sensor

PAGES = os.environ['STRIDED_PAGES']
BIN = os.path.dirname(os.environ['STRIDECTL'])
BASH = r'''
compopt() { echo "compopt $*"; }
source "$PAGES/$1"; program=$1; shift
eval "${ROWS-}"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
"_$program" "$PROGRAM" "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
printf '%s\n' "${COMPREPLY[@]}"
'''
ZSH = r'''
fpath=($PAGES $fpath) PS1='' RPS1=''
unsetopt zle_bracketed_paste 2>/dev/null
autoload -Uz compinit && compinit -u -D
compadd() # notes what is offered, and offers it
{
    local -a hits
    if (( ! ${@[(I)-[OAD]]} )); then
        builtin compadd -A hits "$@"
        print -rl -- $hits >>$HITS
    fi
    builtin compadd "$@"
}
setopt no_beep; LISTMAX=0; zstyle ':completion:*' list-prompt ''
finish() { print -r -- END >>$HITS; zle kill-buffer }
zle -N finish; bindkey '^I' complete-word; bindkey '^X' finish
print -r -- READY >>$HITS
'''


def fake(folder, answer='', wait=0):
    """A stridectl that says this, or takes its time."""
    path = os.path.join(folder, 'stridectl')
    with open(path, 'w') as f:
        f.write('#!/bin/sh\necho "$*" >>%s/asked\n[ %d = 0 ] || sleep %d\ncat <<\'X\'\n%s\nX\n' % (folder, wait, wait, answer))
    os.chmod(path, 0o755)
    return path


class Terminal:
    """A program at a terminal of its own, which is typed to."""

    def __init__(self, *argv, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], argv, env)
        self.shown = ''

    def type(self, text):
        os.write(self.fd, text.encode())

    def look(self, condition, seconds=PATIENCE):
        """Until that is so; what is shown meanwhile is read, or the other side would wait."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError('in vain; shown: %r' % self.shown[-2000:])
            if select.select([self.fd], [], [], 0.02)[0]:
                self.shown += os.read(self.fd, 65536).decode(errors='replace')

    def close(self):
        os.close(self.fd)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


# What needs no daemon, or asks it for several things.
OWN = ('doctor', 'watch', 'report', 'help')

# Rows of every kind, whether the table has one or not.
ROWS = """
_stridectl_arguments() { echo 'path:path:: day:day:: on:flag:: n:number::null name:text::'; }
"""


class Shell(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='strided-test-')
        self.addCleanup(shutil.rmtree, self.folder)
        self.env = {**os.environ, 'PAGES': PAGES, 'HOME': self.folder, 'TERM': 'dumb', 'LC_ALL': 'C.UTF-8',
                    # no bus, unless a test has one
                    'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=%s/no-bus' % self.folder}

    def offered(self, line, program=None):
        """The last word of the line is the one at the cursor."""
        raise NotImplementedError


class Offers:
    """The same of both shells. `offered` has whole words, names with their '='."""

    def test_verbs(self):
        self.assertEqual(self.offered('stridectl '), sorted([*TABLE, *OWN]))
        self.assertEqual(self.offered('stridectl s'), sorted(v for v in TABLE if v[0] == 's'))
        self.assertEqual(self.offered('stridectl --json im'), sorted(v for v in TABLE if v.startswith('im')))
        self.assertEqual(self.offered('stridectl --runner anna wee'), ['week'])
        self.assertEqual(self.offered('stridectl nonsense '), [])

    def test_options(self):
        for option in ('--json', '--runner', '--help', '--version'):
            self.assertIn(option, self.offered('stridectl -'))
        self.assertEqual(self.offered('stridectl week --j'), ['--json'])
        self.assertNotIn('--from', self.offered('stridectl --'))
        self.assertEqual(self.offered('stridectl --color '), ['always', 'auto', 'never'])
        self.assertEqual(self.offered('stridectl --color=a'), ['always', 'auto'])
        Path(self.folder, 'page.html').touch()
        self.assertEqual([os.path.basename(o) for o in self.offered('stridectl report --html %s/p' % self.folder)],
                         ['page.html'])

    def test_every_verb_offers_its_names_and_first_words(self):
        for verb, row in TABLE.items():
            with self.subTest(verb):
                offered = self.offered('stridectl %s ' % verb)
                always = [a for a in row['arguments'] if not a['with']]
                for a in always:
                    self.assertIn(a['name'] + '=', offered)
                if always and always[0]['type'] == 'word':
                    for word in always[0]['words']:
                        self.assertIn(word, offered)

    def test_every_word_of_every_argument(self):
        for verb, row in TABLE.items():
            for a in row['arguments']:
                with self.subTest(verb, argument=a['name']):
                    offered = self.offered('stridectl %s %s=' % (verb, a['name']))
                    if a['type'] == 'word':
                        self.assertEqual(offered, sorted(a['words'] + ['null'] * bool(a['nullable'])))
                    if a['nullable']:
                        self.assertIn('null', offered)
                    if a['type'] == 'flag':
                        self.assertEqual(offered, ['no', 'yes'])
                    if a['type'] == 'day':
                        self.assertIn(time.strftime('%Y-%m-%d'), offered)

    def test_an_argument_that_is_given_is_not_offered_again(self):
        self.assertEqual(self.offered('stridectl session do=stop i'), ['id='])
        self.assertEqual(self.offered('stridectl session id=x '), ['assign', 'discard', 'do=', 'note', 'runner=', 'start', 'stop'])
        self.assertEqual(self.offered('stridectl explain monotony '), ['runner='])
        self.assertEqual(self.offered('stridectl explain rule=monotony runner=anna '), [])
        self.assertEqual(self.offered('stridectl incline -8 '), ['runner='])

    def test_what_goes_with_a_word_of_do(self):
        self.assertNotIn('id=', self.offered('stridectl session start '))
        self.assertIn('id=', self.offered('stridectl session discard '))
        self.assertIn('id=', self.offered('stridectl session do=assign '))
        self.assertNotIn('id=', self.offered('stridectl session '))

    def test_an_end_of_a_value(self):
        self.assertEqual(self.offered('stridectl explain rule=spike_de'), ['spike_descent'])
        self.assertEqual(self.offered('stridectl explain spike_de'), ['spike_descent'])

    def test_a_daemon_that_takes_its_time_is_not_waited_for(self):
        path = fake(self.folder, '"runners": [\n"anna"\n]', wait=30)
        begin = time.monotonic()
        self.assertEqual(self.offered('stridectl week runner=', path), [])
        self.assertLess(time.monotonic() - begin, 15)
        with open(self.folder + '/asked') as f:
            self.assertEqual(f.read(), '--json status\n')

    def test_it_is_asked_for_names_alone(self):
        path = fake(self.folder)
        self.offered('stridectl explain ', path)
        self.offered('stridectl session do=', path)
        self.assertFalse(os.path.exists(self.folder + '/asked'))

    def test_names_that_are_none_are_not_run(self):
        path = fake(self.folder, '"runners": [\n  "$(touch %s/oops)",\n  "a b",\n  "anna"\n]\n' % self.folder)
        self.assertEqual(self.offered('stridectl week runner=', path), ['anna'])
        self.assertFalse(os.path.exists(self.folder + '/oops'))

    def test_what_the_real_daemon_knows(self):
        world = World('[Runner anna]\n[Runner bert]\n' + sensor('pod', POD) +
                      sensor('strap-b7', 'C0:DE:00:00:00:02', 'bert'), broker=False)
        self.addCleanup(world.close)
        world.start_ready()
        world.wait_control()
        self.env.update(world.environment())
        self.env['PATH'] = BIN + ':' + self.env['PATH']
        # a Tab on a busy machine may get nothing: that is what it is made for
        ask = lambda line: wait_until(lambda: self.offered(line, os.environ['STRIDECTL']), PATIENCE, line, 0.2)
        self.assertEqual(ask('stridectl week runner='), ['anna', 'bert'])
        self.assertEqual(ask('stridectl -r '), ['anna', 'bert'])
        self.assertEqual(ask('stridectl --runner='), ['anna', 'bert'])
        self.assertEqual(ask('stridectl release sensor='), ['pod', 'strap-b7'])
        self.assertEqual(ask('stridectl release st'), ['strap-b7'])
        self.assertEqual(self.offered('stridectl session discard id=', os.environ['STRIDECTL']), [])
        session = world.ask('session', {'do': 'start', 'runner': 'bert'})['data']['id']
        self.assertEqual(ask('stridectl session discard id='), [session])

    def test_every_kind_of_value(self):
        self.take_rows()
        for name in ('run one.fit', 'run2.fit', 'other.gpx'):
            Path(self.folder, name).touch()
        here = self.folder + '/'
        plain = lambda line: sorted(os.path.basename(o).replace('\\', '') for o in self.offered(line))
        self.assertEqual([o for o in plain('stridectl week path=%srun' % here)], ['run one.fit', 'run2.fit'])
        self.assertEqual([o for o in plain('stridectl week %srun' % here)], ['run one.fit', 'run2.fit'])
        days = self.offered('stridectl week x day=')
        self.assertEqual(len(days), 7)
        self.assertIn(time.strftime('%Y-%m-%d'), days)
        self.assertEqual(self.offered('stridectl week x on='), ['no', 'yes'])
        self.assertEqual(self.offered('stridectl week x n='), ['null'])
        self.assertEqual(self.offered('stridectl week x name='), [])
        self.assertEqual(self.offered('stridectl week x 2026-11-22 y'), ['yes'])
        self.assertEqual(self.offered('stridectl week x 2026-11-22 yes 5 '), ['name='])

    def test_strided(self):
        self.env['STRIDED_STATE'] = self.folder
        for option in ('--config', '--state-dir', '--check-config', '--scan', '--fit', '--version', '--help'):
            self.assertIn(option, [o.rstrip('=') for o in self.offered('strided --')])
        sessions = Path(self.folder, 'sessions')
        sessions.mkdir()
        Path(self.folder, 'a folder.conf').touch()
        for name in ('20261121T040816Z-0.rec', '20261122T040816Z-0.rec', 'other'):
            (sessions / name).touch()
        self.assertEqual(self.offered('strided --fit 2026'), ['20261121T040816Z-0', '20261122T040816Z-0'])
        self.assertIn('a folder.conf', [os.path.basename(o).replace('\\', '') for o in self.offered('strided --config %s/a' % self.folder)])
        self.assertEqual([o.rstrip('/') for o in self.offered('strided --state-dir %s/' % self.folder)
                          if 'folder.conf' in o], [])


class Bash(Offers, Shell):
    def take_rows(self):
        self.env['ROWS'] = ROWS

    def reply(self, line, program=None):
        words = line.split(' ')
        split = [part for word in words for part in (re.findall('[=:]|[^=:]+', word) or [''])]
        if line.endswith('=') and split[-1] != '=': # the cursor stands behind it
            split.append('')
        done = subprocess.run(['bash', '-c', BASH, 'bash', words[0], *split], capture_output=True, text=True, timeout=PATIENCE,
                              env={**self.env, 'PROGRAM': program or 'stridectl'}, cwd=self.folder)
        self.assertEqual(done.stderr, '')
        return sorted(l for l in done.stdout.splitlines() if l)

    def offered(self, line, program=None):
        return [l for l in self.reply(line, program) if not l.startswith('compopt')]

    def test_no_blank_behind_a_name(self):
        self.assertEqual(self.reply('stridectl week ru'), ['compopt -o nospace', 'runner='])
        self.assertEqual(self.reply('stridectl explain mono'), ['monotony'])

    def test_an_address_is_one_word(self):
        path = fake(self.folder, '"runners": [\n  "anna"\n]\n')
        self.assertIn('anna', self.offered('stridectl assign C4:5D:A1:07:1E:42 ', path))
        self.assertIn('effort=', self.offered('stridectl log-run 2026-11-20 5000 1800 start=07:30 eff'))

    def test_where_an_equals_sign_ends_no_word(self):
        done = subprocess.run(['bash', '-c', 'COMP_WORDBREAKS=" "; ' + BASH, 'bash', 'stridectl', 'stridectl', 'explain',
                               'rule=spike_de'], capture_output=True, text=True, timeout=PATIENCE,
                              env={**self.env, 'PROGRAM': 'stridectl'})
        self.assertEqual((done.stdout.strip(), done.stderr), ('rule=spike_descent', ''))

    @unittest.skipUnless(os.path.exists('/usr/share/bash-completion/bash_completion'), 'no bash-completion')
    def test_a_tab_at_a_terminal(self):
        """Debian's bash-completion finds the file by the name of the command, in share/ below the prefix."""
        place = Path(self.folder, 'share/bash-completion/completions')
        place.mkdir(parents=True)
        for name in ('stridectl', 'strided'):
            shutil.copy(os.path.join(PAGES, name), place)
        rc = Path(self.folder, 'rc')
        rc.write_text('PS1="READY> "; bind "set bell-style none"; bind "set enable-bracketed-paste off"\n'
                      'source /usr/share/bash-completion/bash_completion\n')
        terminal = Terminal('bash', '--rcfile', str(rc), '-i', env={
            **self.env, 'XDG_DATA_DIRS': self.folder + '/share:/usr/share', 'PATH': BIN + ':' + self.env['PATH']})
        self.addCleanup(terminal.close)
        terminal.look(lambda: 'READY> ' in terminal.shown)
        terminal.type('stridectl expl\trul\tmonot\t')
        terminal.look(lambda: 'stridectl explain rule=monotony ' in terminal.shown)
        terminal.type('\x15strided --chec\t')
        terminal.look(lambda: 'strided --check-config ' in terminal.shown)


@unittest.skipUnless(shutil.which('zsh'), 'no zsh')
class Zsh(Offers, Shell):
    terminal = None

    def begin(self):
        self.hits = os.path.join(self.folder, 'hits')
        rc = os.path.join(self.folder, 'zshrc')
        with open(rc, 'w') as f:
            f.write(ZSH)
        self.terminal = Terminal('zsh', '-f', '-i', env={**self.env, 'HITS': self.hits})
        self.addCleanup(self.terminal.close)
        self.terminal.type(' source %s\n' % rc)
        self.noted('READY')

    def take_rows(self):
        self.offered('stridectl ') # its own are there then
        path = os.path.join(self.folder, 'rows')
        with open(path, 'w') as f:
            f.write(ROWS + 'print -r -- READY >>$HITS\n')
        self.terminal.type(' source %s\n' % path)
        self.noted('READY')

    def noted(self, last):
        """What was noted up to this word; it is gone then."""
        def read():
            with contextlib.suppress(FileNotFoundError), open(self.hits) as f:
                return f.read().splitlines()
            return []
        self.terminal.look(lambda: last in read())
        lines = read()
        os.unlink(self.hits)
        return [l for l in lines if l != last]

    def offered(self, line, program=None):
        if not self.terminal:
            self.begin()
        if program: # the word that is typed is what is asked
            line = line.replace('stridectl', program, 1)
        self.terminal.type(line + '\t\x18')
        return sorted({l for l in self.noted('END') if l})

    def test_it_is_one_for_zsh(self):
        for name in ('_strided', '_stridectl'):
            done = subprocess.run(['zsh', '-n', os.path.join(PAGES, name)], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ''))

    def test_a_verb_is_explained(self):
        self.offered('stridectl s')
        self.assertIn('what the gateway does now', self.terminal.shown)


if __name__ == '__main__':
    run_tests()
