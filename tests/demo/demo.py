#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A run without Bluetooth: the daemon between simulated sensors and a private broker.

    strided-bluez-sim --private D-Bus--> strided --MQTT--> mosquitto --> mosquitto_sub --> the table
        |                                                                                     |
        +------------- control socket: what the sensors sent (figures.py) == what arrived ----+

Exit status: 0 when every check holds, 1 when one does not or a child fails, 2 for wrong arguments.
"""
import argparse
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import figures                                          # noqa: E402
from checks import check_end, check_figures, report     # noqa: E402
from screen import Screen, View                         # noqa: E402
from stage import HERE, PATIENCE_S, ROOT, Failure, Stage, harness, signals    # noqa: E402
from story import RATE_MAX, Story                       # noqa: E402
from stopping import Stopped                            # noqa: E402

DEFAULT_S, LEAST_S = 60, 18     # a session begins after 10 s of steps, and needs a few messages
COURSE_S = 60                   # the scenario `demo` and a rest; then the runner starts again
SESSION = ROOT + '/runner/anna/session'
SENSORS = ['pod:pod:C0:DE:00:00:00:01:scenario=demo,model=Demo Pod',
           'strap:strap:C0:DE:00:00:00:02:scenario=demo,model=Demo Strap,battery=64']
CONFIG = """[Runner anna]
DisplayName=Anna
Sex=female
BirthYear=1988
MaxHeartRate=186
RestHeartRate=54

# The pod counts one foot. Left to itself the daemon finds that out in half a minute of running; here
# it is said, so that the cadence shows at once.
[Sensor pod]
Address=C0:DE:00:00:00:01
Runner=anna
CadenceUnit=strides
Grace=0s

[Sensor strap]
Address=C0:DE:00:00:00:02
Runner=anna
Grace=0s
"""


class Demo(Stage):
    """The live run, and the clockwork that brings what was sent and what arrived together."""

    PROGRAM = os.path.join('daemon', 'strided')

    def __init__(self, stack, folder):
        super().__init__(stack, folder)
        self.figures, self.view = figures.Figures(), View(ROOT)
        self.ended, self.ended_m, self.answer = None, None, None
        self.course_at = None

    def start(self, build):
        self.start_all(os.path.join(build, self.PROGRAM), CONFIG, SENSORS)
        self.course_at = time.monotonic()

    def make_screen(self, out, options):
        return Screen(out, self.view, None if options.forever else options.seconds,
                      [name.split(':')[1] for name in SENSORS])

    # ---- what comes in ------------------------------------------------------------------------

    def _take(self, message):
        now = time.time()
        super()._take(message)
        if message.topic == ROOT + '/runner/anna/live':
            self.figures.feed_live(message.body, now)
        elif message.topic == ROOT + '/runner/anna/event':
            self.figures.events.add(message.body['kind'])
        elif message.topic == SESSION and message.body and message.body['state'] == 'ended':
            self.poll_truth()
            self.ended, self.ended_m = message, self.figures.pod.last_m
        elif message.topic == ROOT + '/response/session':
            self.answer = message.body

    def poll_truth(self):
        """True when the pod has just sent a packet."""
        self.figures.strap.feed(self.sim.truth('strap'), time.time())
        return self.figures.pod.feed(self.sim.truth('pod'), time.time())

    def settle(self):
        self.figures.settle(time.time())

    # ---- the course of the demo ---------------------------------------------------------------

    def watch(self, seconds, screen):
        """Shows the run for so long, and somewhat longer on a machine that is too slow for it."""
        begun = time.monotonic()
        while True:
            passed = time.monotonic() - begun
            if seconds is not None and passed >= seconds and (
                    self.figures.enough() or passed >= seconds + PATIENCE_S):
                return
            if time.monotonic() >= self.course_at + COURSE_S and (seconds or COURSE_S + 1) > COURSE_S:
                self.course_at = time.monotonic()
                for name in ('pod', 'strap'):
                    self.sim.ctl('scenario %s demo' % name)
            self.turn()
            screen.draw()

    def stop_session(self):
        """Ends it just after a packet, so that the pod's total is the same for both. Returns the
        total before and after."""
        if self.figures.pod.packets and time.time() - self.figures.pod.packets[-1].at < 3:
            with contextlib.suppress(Failure):      # it may stand still or be out of range just now
                self.wait(lambda sent: sent, 'a packet of the pod', seconds=2)
        before = self.figures.pod.last_m
        self.ask('session', {'do': 'stop'})
        with contextlib.suppress(Failure):
            self.wait(lambda _: self.ended and 'session_end' in self.figures.events or
                      self.answer and self.answer['status'] == 'error', 'the end of the session')
        return before, self.ended_m

    def play(self, options, screen):
        """All of it once everything runs; True when it went as it should."""
        self.introduce(screen)
        try:
            self.watch(None if options.forever else options.seconds, screen)
        except Stopped as e:
            if not options.forever or e.number != signal.SIGINT:
                raise
            if not self.figures.enough():
                screen.say('Ended too early for the checks: they need about %d s.' % LEAST_S)
                return self.stop_daemon() == 0
        total = self.stop_session()
        screen.draw(final=True)
        screen.say()
        good = report(screen, check_figures(self, *total))
        return report(screen, check_end(self, self.stop_daemon())) and good


# ---- main ---------------------------------------------------------------------------------------

def parse(argv):
    parser = argparse.ArgumentParser(prog='run demo', description='A simulated run, live.')
    length = parser.add_mutually_exclusive_group()
    length.add_argument('--seconds', type=int, default=DEFAULT_S, metavar='N',
                        help='how long it is shown (%d; at least %d)' % (DEFAULT_S, LEAST_S))
    length.add_argument('--forever', action='store_true', help='until Ctrl-C')
    length.add_argument('--rate', type=int, metavar='N', help='instead of it, five weeks of files and a run '
                        'with more downhill than is usual in them, its 28 minutes N times as fast (60, say)')
    options = parser.parse_args(argv)
    if options.rate is not None and not 1 <= options.rate <= RATE_MAX:
        parser.error('--rate %d: allowed are 1 to %d' % (options.rate, RATE_MAX))
    if options.seconds < LEAST_S:
        parser.error('--seconds %d is too short: a session begins after ten seconds of steps, so '
                     'allowed are %d or more' % (options.seconds, LEAST_S))
    return options


def find_programs(build, daemon):
    """The built programs and Debian's; a sentence for the first one that is missing."""
    simulator = os.path.join(build, 'tests', 'sim', 'strided-bluez-sim')
    os.environ['STRIDED_BLUEZ_SIM'] = simulator
    for path in (simulator, os.path.join(build, daemon)):
        if not os.access(path, os.X_OK):
            raise Failure('%s is not there: ./run build makes it' % path)
    for program in ('dbus-daemon', 'mosquitto_sub', 'mosquitto_pub'):
        if not shutil.which(program):
            raise Failure('%s is not installed: ./run demo installs it' % program)


def run(options, demo, screen):
    try:
        build = os.path.abspath(os.environ.get('STRIDED_BUILD', os.path.join(HERE, '../../build')))
        find_programs(build, demo.PROGRAM)
        demo.start(build)
        good = demo.play(options, screen)
    except (Failure, harness.Timeout, OSError, RuntimeError, ValueError) as e:
        screen.say(screen.paint('FAILED', 'red') + ' %s' % e)
        good = False
    if not good:
        for line in demo.logs():
            screen.say(line)
    return good


def run_and_clean(options, folder, out):
    """Whatever happens in between, everything that was started is ended in order."""
    stack = contextlib.ExitStack()
    demo = Story(stack, folder, options.rate) if options.rate else Demo(stack, folder)
    screen = demo.make_screen(out, options)
    stack.callback(screen.close)
    try:
        good = run(options, demo, screen)
    finally:
        signals.ignore()    # ending takes no long, and half an end is none
        try:
            stack.close()
        except RuntimeError as e:   # the simulator did not end well
            screen.say('FAILED %s' % e)
            good = False
    left = ' '.join(map(str, demo.survivors()))
    return report(screen, [(not left, 'nothing is left running' + (left and ' but ' + left))]) and good


def keep_stderr(folder):
    """What children say there goes to a file, so that it does not run through the table."""
    log = os.open(os.path.join(folder, 'stderr.log'), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.stderr = os.fdopen(os.dup(2), 'w')
    os.dup2(log, 2)
    os.close(log)


def main(argv):
    options = parse(argv)
    out = os.fdopen(os.dup(1), 'w', encoding='utf-8', errors='replace')
    os.environ.pop('NOTIFY_SOCKET', None)
    signals.catch()
    folder = tempfile.mkdtemp(prefix='strided-demo-')
    tempfile.tempdir = folder   # of the harness' own folders too
    try:
        keep_stderr(folder)
        return 0 if run_and_clean(options, folder, out) else 1
    except Stopped as e:
        return 128 + e.number
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
