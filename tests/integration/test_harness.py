# SPDX-License-Identifier: MIT
"""The harness keeps its promises: what it starts answers, and is gone afterwards."""
import os
import shutil
import signal
import subprocess
import sys
import unittest

import harness


def gone(pid):
    try:
        with open('/proc/%d/stat' % pid) as f:
            return f.read().rsplit(')', 1)[1].split()[0] == 'Z'
    except OSError:
        return True


class Mosquitto(unittest.TestCase):
    def test_it_has_its_own_port_and_keeps_retained_messages_over_a_restart(self):
        if not shutil.which('mosquitto_pub'):
            self.skipTest('skipped: mosquitto_pub is not installed')
        with harness.Mosquitto() as broker, harness.Mosquitto() as other:
            self.assertNotEqual(broker.port, other.port)
            where = ['-h', '127.0.0.1', '-p', str(broker.port), '-t', 'kept']
            subprocess.run(['mosquitto_pub', *where, '-r', '-q', '1', '-m', 'word'], check=True, timeout=20)
            broker.restart()
            heard = subprocess.run(['mosquitto_sub', *where, '-C', '1', '-W', '20'], check=True,
                                   timeout=30, capture_output=True)
            self.assertEqual(heard.stdout, b'word\n')
            folder, pid = broker.folder, broker.child.pid
        self.assertFalse(os.path.exists(folder))
        self.assertTrue(gone(pid))


class Children(unittest.TestCase):
    def test_they_die_even_with_a_killed_test(self):
        script = ('import harness, signal, os\n'
                  'bus = harness.Bus()\n'
                  'sim = harness.Sim(bus)\n'
                  'broker = harness.Mosquitto()\n'
                  'print(bus.child.pid, sim.child.pid, broker.child.pid, flush=True)\n'
                  'print(bus.folder, sim.folder, broker.folder, flush=True)\n'
                  'signal.pause()\n')
        test = harness.Child([sys.executable, '-B', '-c', script], stdout=subprocess.PIPE,
                             env={'PYTHONPATH': os.path.dirname(os.path.abspath(__file__))})
        pids = [int(p) for p in test.read_line(30).split()]
        folders = test.read_line(10).split()
        self.assertFalse(any(gone(p) for p in pids))
        test.stop(signal.SIGKILL)
        harness.wait_until(lambda: all(gone(p) for p in pids), 10, 'the children to be gone')
        for folder in folders: # the killed one could not
            shutil.rmtree(folder)

    def test_ctrl_c_at_the_terminal_is_not_for_them(self):
        with harness.Bus() as bus:
            self.assertEqual(os.getsid(bus.child.pid), bus.child.pid)
            self.assertEqual(os.getpgid(bus.child.pid), bus.child.pid)

    def test_simulator_that_crashes_fails_its_test(self):
        with harness.Bus() as bus:
            sim = harness.Sim(bus)
            sim.child.stop(signal.SIGKILL)
            with self.assertRaises(RuntimeError):
                sim.close()

    def test_simulator_ends_with_its_bus(self):
        bus = harness.Bus()
        sim = harness.Sim(bus)
        bus.close()
        harness.wait_until(lambda: not sim.child.alive(), 10, 'the simulator to end')
        harness.Service.close(sim)

    def test_mistaken_options_are_said_at_once(self):
        program = harness.find_program('strided-bluez-sim', 'STRIDED_BLUEZ_SIM')
        for arguments, said in (
                (['--sensor', 'shoe:S:C0:DE:00:00:00:01'], 'KIND pod, strap, belt, power, barometer or location'),
                (['--sensor', 'pod:S:C0:DE:00:00:00'], 'must be KIND:NAME'),
                (['--sensor', 'pod:S:C0:DE:00:00:00:01:hz=0'], '"hz'),
                (['--sensor', 'pod:S:C0:DE:00:00:00:01:wings'], '"wings" is not known'),
                (['--config', '/nowhere'], 'No such file'), (['run'], 'what is this')):
            r = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=20)
            self.assertEqual(r.returncode, 1, arguments)
            self.assertIn(said, r.stderr)


if __name__ == '__main__':
    unittest.main()
