# SPDX-License-Identifier: MIT
"""
The sensors on the simulated air: a heart-rate strap, a footpod and a treadmill, as their GATT services
describe them. Each measures once a second while it is connected; odometers run on while nobody listens,
as real ones do.
"""
import struct
import time

from att import CCC_IMPROPER, INDICATE, NOTIFY, READ, WRITE, AttError, Database, u16
from hci import address_bytes

RANDOM_STATIC = 1


class Odometer:
    """Metres run so far at the speed of each moment."""

    def __init__(self, speed_m_s):
        self._metres, self._speed, self._since = 0.0, speed_m_s, time.monotonic()

    def read(self):
        return self._metres + self._speed * (time.monotonic() - self._since)

    def set_speed(self, speed_m_s):
        self._metres, self._since, self._speed = self.read(), time.monotonic(), speed_m_s

    def reset(self, metres):
        self._metres, self._since = metres, time.monotonic()


class Peripheral:
    SERVICES, APPEARANCE = (0x180F,), 0

    def __init__(self, name, address):
        self.name, self.address, self.address_type = name, address_bytes(address), RANDOM_STATIC
        self.link, self.connections, self._timer = None, 0, None
        # what a scenario may set while it runs
        self.in_range, self.muted, self.deaf, self.failures = True, False, False, 0
        self.taken = False          # another central has it: it does not advertise
        self.battery_pct, self.signal_dbm, self.interval_s = 87, -55, 0.15
        self.database = Database()
        self._common()
        self.services(self.database)

    def _common(self):
        db = self.database
        db.service(0x1800)
        db.characteristic(0x2A00, READ, self.name.encode())
        db.characteristic(0x2A01, READ, u16(self.APPEARANCE))
        db.service(0x1801)
        db.characteristic(0x2A05, INDICATE)
        db.service(0x180F)
        self._battery = db.characteristic(0x2A19, READ | NOTIFY, lambda _: bytes([self.battery_pct]))
        db.service(0x180A)
        db.characteristic(0x2A29, READ, b'Simulated Sensors')
        db.characteristic(0x2A24, READ, self.name.encode())
        db.characteristic(0x2A26, READ, b'1.2.3')

    def services(self, db):
        raise NotImplementedError

    def measure(self):
        """The notifications of this second: (characteristic, value) pairs."""
        raise NotImplementedError

    def advertisement(self):
        uuids = b''.join(u16(uuid) for uuid in self.SERVICES)
        return b'\x02\x01\x06' + bytes([1 + len(uuids), 0x03]) + uuids

    def scan_response(self):
        name = self.name.encode()
        return bytes([1 + len(name), 0x09]) + name

    def start(self, loop):
        self._timer = loop.call_later(1.0, self.start, loop)
        if not self.muted:
            for row, value in self.measure():
                self.link.server.push(row, value)

    def stop(self):
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def set_battery(self, percent):
        self.battery_pct = percent
        if self.link:
            self.link.server.push(self._battery, bytes([percent]))


class Strap(Peripheral):
    """Heart Rate 0x180D.   2A37: flags u8, bpm u8, energy expended u16 in kJ, RR u16 in 1/1024 s
    One kJ a second, so that no two measurements of an evening are the same."""
    SERVICES, APPEARANCE = (0x180D, 0x180F), 833

    def services(self, db):
        self.heart_rate_bpm, self.contact, self.energy_kj = 120, True, 0
        db.service(0x180D)
        self._measurement = db.characteristic(0x2A37, NOTIFY)
        db.characteristic(0x2A38, READ, b'\x01')

    def measure(self):
        flags = 0x10 | 0x08 | 0x04 | (0x02 if self.contact else 0)
        rr = round(60 * 1024 / self.heart_rate_bpm)
        self.energy_kj += 1
        yield self._measurement, struct.pack('<BBHH', flags, self.heart_rate_bpm, self.energy_kj, rr)


class Pod(Peripheral):
    """Running Speed and Cadence 0x1814.
    2A53: flags u8, speed u16 in 1/256 m/s, strides per minute u8, stride u16 in cm, total u32 in dm"""
    SERVICES, APPEARANCE = (0x1814, 0x180F), 1088

    def services(self, db):
        self._speed, self.strides_per_min = 3.0, 84
        self.odometer = Odometer(self._speed)
        db.service(0x1814)
        self._measurement = db.characteristic(0x2A53, NOTIFY)
        db.characteristic(0x2A54, READ, u16(0x0007))
        db.characteristic(0x2A5D, READ, b'\x02')
        self._control = db.characteristic(0x2A55, WRITE | INDICATE, on_write=self._on_control)

    @property
    def speed_m_s(self):
        return self._speed

    @speed_m_s.setter
    def speed_m_s(self, speed):
        self._speed = speed
        self.odometer.set_speed(speed)

    def _on_control(self, server, data):
        if not server.subscriptions.get(self._control.ccc, 0) & 2:
            raise AttError(CCC_IMPROPER, self._control.handle)
        known = data[:1] == b'\x01' and len(data) == 5
        if known:
            self.odometer.reset(struct.unpack('<I', data[1:])[0] / 10)
        server.push(self._control, b'\x10' + data[:1] + (b'\x01' if known else b'\x02'))

    def measure(self):
        stride_cm = round(self._speed / (self.strides_per_min / 60) * 100) if self.strides_per_min else 0
        running = 0x04 if self._speed > 1.8 else 0
        yield self._measurement, struct.pack('<BHBHI', 0x03 | running, round(self._speed * 256),
                                             self.strides_per_min, stride_cm,
                                             round(self.odometer.read() * 10))


class Treadmill(Peripheral):
    """Fitness Machine 0x1826.
    2ACD: flags u16 (bit 0 CLEAR: speed present), speed u16 in 0.01 km/h, distance u24 in m,
          inclination s16 in 0.1 %, ramp s16 in 0.1 degree
    `split` sends the same record in two notifications, as machines with much to say do: the first has
    bit 0 set (more to come) and no speed, the second closes the record with the speed."""
    SERVICES, APPEARANCE = (0x1826, 0x180F), 0

    def services(self, db):
        self._speed, self.incline_pct, self.split = 10.0, 2.5, False
        self.odometer = Odometer(self._speed / 3.6)
        db.service(0x1826)
        db.characteristic(0x2ACC, READ, struct.pack('<II', 1 << 2 | 1 << 3, 0))
        self._data = db.characteristic(0x2ACD, NOTIFY)
        db.characteristic(0x2AD5, READ, struct.pack('<hhH', -30, 150, 5))
        db.characteristic(0x2ADA, NOTIFY)

    @property
    def speed_km_h(self):
        return self._speed

    @speed_km_h.setter
    def speed_km_h(self, speed):
        self._speed = speed
        self.odometer.set_speed(speed / 3.6)

    def advertisement(self):
        # Service data of a fitness machine: available, and which kind (bit 0: treadmill)
        return super().advertisement() + b'\x06\x16\x26\x18\x01' + u16(1)

    def measure(self):
        speed = struct.pack('<H', round(self._speed * 100))
        distance = struct.pack('<I', round(self.odometer.read()))[:3]
        incline = struct.pack('<hh', round(self.incline_pct * 10), 0x7FFF)
        if self.split:
            yield self._data, u16(1 << 0 | 1 << 2 | 1 << 3) + distance + incline
            yield self._data, u16(0) + speed
        else:
            yield self._data, u16(1 << 2 | 1 << 3) + speed + distance + incline
