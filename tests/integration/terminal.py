# SPDX-License-Identifier: MIT
"""A program on a terminal of our own: what stands on its screen, as far as our programs draw, and what
they leave behind."""
import fcntl
import os
import re
import select
import signal
import struct
import termios

from harness import die_with_parent, wait_until

TOKEN = re.compile(r'\x1b\[(\??)([\d;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)')


class Screen:
    """Lines of characters, which do not go on in the next one; of the sequences those that ours use, and any
    other is an error."""

    def __init__(self, columns, lines):
        self.columns, self.lines = columns, lines
        self.alternate, self.cursor, self.wraps = False, True, True
        self.rows, self.behind = {}, {}
        self.at = [0, 0]
        self.rest = ''

    def feed(self, text):
        text = self.rest + text
        cut = text.rfind('\x1b')
        # a sequence may be on its way still
        self.rest = text[cut:] if cut >= 0 and not re.match(r'\x1b\[[\d;?]*[A-Za-z]', text[cut:]) else ''
        for private, number, letter, control, words in TOKEN.findall(text[:len(text) - len(self.rest)]):
            if control:
                self.at = [self.at[0] + (control == '\n'), 0 if control == '\r' else self.at[1]]
            elif words:
                self._write(words)
            else:
                self._obey(private + number + letter)

    def _write(self, words):
        row, column = self.at
        line = self.rows.get(row, '').ljust(column)
        line = line[:column] + words + line[column + len(words):]
        self.rows[row] = line if self.wraps else line[:self.columns]
        self.at[1] = column + len(words) if self.wraps else min(column + len(words), self.columns)

    def _obey(self, sequence):
        row, column = self.at
        if sequence in ('?1049h', '?1049l'):
            if (sequence == '?1049h') != self.alternate:
                self.rows, self.behind = self.behind, self.rows
                self.alternate = not self.alternate
        elif sequence in ('?25h', '?25l'):
            self.cursor = sequence == '?25h'
        elif sequence in ('?7h', '?7l'):
            self.wraps = sequence == '?7h'
        elif sequence == '2J':
            self.rows = {}
        elif sequence == 'H':
            self.at = [0, 0]
        elif sequence == 'K':
            self.rows[row] = self.rows.get(row, '')[:column]
        elif sequence == 'J':
            self.rows = {r: line[:column] if r == row else line for r, line in self.rows.items() if r <= row}
        elif not sequence.endswith('m'):
            raise AssertionError('the terminal was told %r' % sequence)

    def text(self):
        return '\n'.join(self.rows.get(row, '').rstrip() for row in range(max(self.rows, default=-1) + 1))

    def is_clean(self):
        return (self.alternate, self.cursor, self.wraps) == (False, True, True)


class OnTerminal:
    """A child that has a terminal for itself, from its size to its keys."""

    def __init__(self, argv, env, columns=80, lines=24):
        self.screen, self.raw = Screen(columns, lines), ''
        self.status = None
        self.master, slave = os.openpty()
        self.resize(columns, lines)
        self.mode = termios.tcgetattr(slave)
        self.pid = os.fork()
        if self.pid == 0:
            die_with_parent()
            os.login_tty(slave) if hasattr(os, 'login_tty') else self._login(slave)
            os.execve(argv[0], argv, env)
        self.slave = slave

    @staticmethod
    def _login(slave):
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)

    def resize(self, columns, lines):
        self.screen.columns, self.screen.lines = columns, lines
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', lines, columns, 0, 0))

    def read(self):
        while select.select([self.master], [], [], 0)[0]:
            try:
                text = os.read(self.master, 65536).decode(errors='replace')
            except OSError:
                return
            self.raw += text
            self.screen.feed(text)

    def text(self):
        self.read()
        return self.screen.text()

    def wait(self, accept, what, seconds=60):
        """Until its text is as it should be; the text."""
        def seen():
            text = self.text()
            return text if accept(text) else None
        try:
            return wait_until(seen, seconds, what)
        except TimeoutError:
            print(self.text())
            raise

    def press(self, keys):
        os.write(self.master, keys.encode())

    def signal(self, number):
        os.kill(self.pid, number)

    def stopped(self):
        pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
        return pid == self.pid and os.WIFSTOPPED(status)

    def wait_end(self, seconds=60):
        """As subprocess has it: a status, or the signal's number below 0."""
        def ended():
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            return (pid, status) if pid else None
        self.status = os.waitstatus_to_exitcode(wait_until(ended, seconds, 'the end')[1])
        self.read()
        return self.status

    def mode_is_as_before(self):
        return termios.tcgetattr(self.slave) == self.mode

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)
        os.close(self.slave)
