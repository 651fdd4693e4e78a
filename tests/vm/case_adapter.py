# SPDX-License-Identifier: MIT
"""What happens to the adapter: its plug, its power, and the switch for all radios."""
import glob

from case import Cases
from case_bluetoothd import all_linked_anew, both_go_on
from world import command

CASES = Cases()


def away_and_back(world, away, back, seen):
    """seen: what the doctor calls it"""
    sessions, links = world.sessions(), world.connections()
    world.ledger.cut()
    away()
    world.wait_states({'unavailable'})
    world.wait_live(heart_rate_bpm=None, cadence_spm=None)
    world.doctor(seen)
    back()
    all_linked_anew(world, links)
    both_go_on(world, sessions)


@CASES.alone
def adapter_unplugged(world):
    """An adapter that is pulled and put back is taken up again, in the same sessions."""
    away_and_back(world, lambda: world.air('radio unplug'), lambda: world.air('radio plug'), 'adapter-none')


def power(on):
    command('busctl', 'set-property', 'org.bluez', '/org/bluez/hci0', 'org.bluez.Adapter1', 'Powered', 'b', on)


@CASES.alone
def adapter_powered_off(world):
    """So is one that another program switches off, and on."""
    away_and_back(world, lambda: power('false'), lambda: power('true'), 'adapter-off')


def block(value):
    for switch in glob.glob('/sys/class/rfkill/rfkill*/type'):
        with open(switch, encoding='ascii') as file:
            if file.read().strip() != 'bluetooth':
                continue
        with open(switch.removesuffix('type') + 'soft', 'w', encoding='ascii') as file:
            file.write(value)


@CASES.alone
def radio_blocked(world):
    """So is one that rfkill blocks, which is told as what it is, and unblocks."""
    def blocked():
        block('1')
        world.wait_problem('rfkill')
    away_and_back(world, blocked, lambda: block('0'), 'adapter-soft')
