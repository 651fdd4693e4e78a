# SPDX-License-Identifier: MIT
"""An import folder that does not answer: a share whose server is gone, a stick that died."""
import os
import time

from fault import FaultCase, fault
from files import Files, on_day
from runs import ANNA
from slow_world import SlowWorld
from world import POD, STRAP, sensor

FOR_EVER_MS = 10 ** 9
SILENT = 'The import folder %s does not answer'
AGAIN = 'The import folder %s answers again'
ANSWER_S = 1
STOP_S = 5 # a clean stop, and a second for the folder


class FolderFaults(Files, FaultCase):
    def begin(self):
        self.prepare('pod:P:%s:awake,scenario=steady,odometer=500,sleep=1000000' % POD,
                     'strap:S:%s:awake,scenario=steady' % STRAP,
                     config=(ANNA, sensor('pod', POD, IdleTimeout='1h'), sensor('strap', STRAP)))
        self.take_files('anna')
        self.slow = SlowWorld(self.world.folder, str(self.world.state), self.folder)
        self.start()
        self.wait_metres(20)

    def start(self):
        self.world.start(env=self.slow.environment()).wait_log(' is ready')

    def is_imported(self, name):
        return self.world.state.rows('SELECT * FROM imports WHERE name = ?', name)

    def is_silent(self):
        return SILENT % self.folder in self.world.problems()

    def check_all_goes_on(self):
        """Recordings grow, what ends is stored and told, and live figures go out."""
        ended = self.world.ctl('session', 'stop')['data']['id']
        self.world.listener.wait('/event$', lambda m: m.json['id'] == ended + '-end', what='the end of ' + ended)
        begun = self.have_session()
        self.wait_for(lambda: os.path.exists(self.world.state.recording(begun)), 'the recording')
        self.wait_metres(20)
        self.world.listener.wait('/live$', since=self.world.listener.mark())

    def check_route(self):
        answer = self.world.ask('route', {'file': 'hill.gpx'})
        self.assertEqual((answer['error']['code'], answer['error']['message']),
                         ('unavailable', 'The import folder does not answer'))

    @fault('import-folder-hangs', 'An import folder that does not answer, as a share whose server is gone, holds up nothing '
           'else: recordings are synced, sessions stored and told, requests answered, and a stop ends in time. It is said, '
           'once, and once when it answers again; then the files in it come in.', test=3, soak=30)
    def test_the_import_folder_does_not_answer(self):
        self.begin()
        begun = self.calm()
        for turn in range(self.times):
            self.slow.order(folder_ms=FOR_EVER_MS)
            self.put('anna/%d.gpx' % turn, on_day(turn))
            self.world.pass_time(10) # and it was looked into
            self.check_all_goes_on() # also before anybody knows that it hangs
            self.check_route() # in time
            self.wait_for(self.is_silent, 'it to be said')
            begun_s = time.monotonic()
            self.check_route()
            self.assertLess(time.monotonic() - begun_s, ANSWER_S)
            self.check_all_goes_on()
            self.slow.order(folder_ms=0)
            self.wait_for(lambda: not self.world.problems(), 'it to be well again')
            self.wait_for(lambda turn=turn: self.is_imported('%d.gpx' % turn), 'the file')
        for said in (SILENT, AGAIN):
            self.assertEqual(len(self.world.daemon.logged(said % self.folder)), self.times, said)
        self.check_packets(begun)
        self.check_stop()
        self.check_stall()
        self.world.ctl('session', 'stop')
        self.wait_for(lambda: not self.sessions(), 'the end')
        self.check_events()

    def check_stop(self):
        """In the middle of a look; and what is in the folder comes in after the next start."""
        self.slow.order(folder_ms=FOR_EVER_MS)
        self.put('anna/last.gpx', on_day(100))
        self.world.pass_time(10)
        self.look_at_stall()
        with self.world.at_rate(1): # what comes while it ends is not waited for
            stopping = time.monotonic()
            self.world.stop()
            self.figures.note += ' %.1f s to stop' % (time.monotonic() - stopping)
            self.assertLess(time.monotonic() - stopping, STOP_S)
        self.slow.order(folder_ms=0)
        self.start()
        self.world.wait_control()
        self.wait_for(lambda: self.is_imported('last.gpx'), 'the last file')
