# SPDX-License-Identifier: MIT
"""Five weeks of a runner who never was: what the demo's files are made of, and what they hold.

    height
      |            ____________                 out and back over one hill, so that what goes up comes
      |       ____/            \\____            down: its height is all the descent of the outing
      +------|----|-----|------|----|--> way     (Outing.drop_m), of which no engine has a say here
             foot  top  turn

The plan is one week, five times; chance moves length, hill, hour and pace by a little. The same seed
and the same last day give the same outings, to the byte of their files.
"""
import dataclasses
import datetime
import math
import random

UTC = datetime.timezone.utc
WEEKS = 5
# Days before a week's end: km, metres of hill. The first is of the day on which each week ends; in
# the present one the demo's own run is in its place.
PLAN = ((7, 5.0, 0.0), (6, 10.0, 60.0), (4, 6.0, 20.0), (2, 8.0, 35.0))
KM_NOISE, HILL_NOISE = 0.03, 0.04
PACE_M_S = 2.9
SLOPE = 0.06
BAROMETER_M = 0.15          # it is never still
LATITUDE, LONGITUDE, HEIGHT_M = 47.9, 8.1, 310.0
M_PER_DEGREE = 6371000 * math.pi / 180


@dataclasses.dataclass(frozen=True)
class Point:
    at: datetime.datetime
    distance_m: float
    latitude: float
    longitude: float
    altitude_m: float
    heart_rate_bpm: int
    cadence_spm: int        # both feet


@dataclasses.dataclass(frozen=True)
class Outing:
    start: datetime.datetime
    distance_m: float
    drop_m: float
    speed_m_s: float
    seed: int

    @property
    def day(self):
        """The runner's, whose days are those of UTC."""
        return self.start.date()

    @property
    def seconds(self):
        return math.ceil(self.distance_m / self.speed_m_s)

    @property
    def end(self):
        return self.start + datetime.timedelta(seconds=self.seconds)

    def _height_m(self, way_m):
        slope_m = self.drop_m / SLOPE
        foot_m = (self.distance_m / 2 - slope_m) / 2
        return min(max(0, way_m - foot_m) * SLOPE, self.drop_m)

    def points(self, every_s=1):
        """As a watch with a barometer would note them, the last one at the end."""
        chance = random.Random(self.seed)
        for t in [*range(0, self.seconds, every_s), self.seconds]:
            distance_m = min(t * self.speed_m_s, self.distance_m)
            way_m = min(distance_m, self.distance_m - distance_m)   # from home
            yield Point(self.start + datetime.timedelta(seconds=t), distance_m,
                        LATITUDE + way_m / M_PER_DEGREE, LONGITUDE,
                        HEIGHT_M + self._height_m(way_m) + chance.uniform(-BAROMETER_M, BAROMETER_M),
                        round(min(96 + t, 142) + chance.uniform(-2, 2)), 2 * round(84 + chance.uniform(-1, 1)))


def five_weeks(now, seed):
    """Outings before the day of `now`, the oldest first."""
    chance = random.Random(seed)
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    outings = []
    for week in reversed(range(WEEKS)):
        for ago, km, hill_m in PLAN:
            start = midnight + datetime.timedelta(days=-7 * week - ago, hours=6.5,
                                                  seconds=int(chance.uniform(0, 3600)))
            outings.append(Outing(start, 1000 * km * (1 + chance.uniform(-KM_NOISE, KM_NOISE)),
                                  hill_m * (1 + chance.uniform(-HILL_NOISE, HILL_NOISE)),
                                  PACE_M_S + chance.uniform(-0.1, 0.1), chance.getrandbits(32)))
    return outings
