# SPDX-License-Identifier: MIT
"""A case: a function of the world, with a name for the command line and what is said below it as its label."""


LIVE_GAP_S = 10     # a live message comes each second; the machine is emulated, and its host has others: 5.2 was seen


class Case:
    """lane: the name of the one sensor that it minds; None: it needs the machine for itself. last: it comes after
    all others, as it looks at what became of them. gap_s: how long a runner may be without live messages in it.
    named: it is so long that it is run in ./run soak only, or where it is named. soak: how often it is run there on
    this Debian, beside once with all the others on the next."""

    def __init__(self, run, lane=None, last=False, gap_s=LIVE_GAP_S, named=False, soak=0):
        self.run, self.lane, self.last, self.gap_s, self.named, self.soak = run, lane, last, gap_s, named, soak
        self.name = run.__name__
        self.label = '%s: %s' % (self.name, ' '.join(run.__doc__.split()).rstrip('.'))


class Cases(list):
    """of a file, in their order"""

    def alone(self, run):
        self.append(Case(run))
        return run

    def outage(self, gap_s, soak=0):
        """alone, as the daemon is away in it, or its broker is"""
        def register(run):
            self.append(Case(run, gap_s=gap_s, soak=soak))
            return run
        return register

    def named(self, gap_s):
        """alone, for many minutes"""
        def register(run):
            self.append(Case(run, gap_s=gap_s, named=True, soak=1))
            return run
        return register

    def last(self, run):
        self.append(Case(run, last=True))
        return run

    def lane(self, name):
        def register(run):
            self.append(Case(run, name))
            return run
        return register
