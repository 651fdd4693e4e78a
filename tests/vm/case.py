# SPDX-License-Identifier: MIT
"""A case: a function of the world, with a name for the command line and what is said below it as its label."""


class Case:
    """lane: the name of the one sensor that it minds; None: it needs the machine for itself. last: it comes after
    all others, as it looks at what became of them."""

    def __init__(self, run, lane=None, last=False):
        self.run, self.lane, self.last = run, lane, last
        self.name = run.__name__
        self.label = '%s: %s' % (self.name, ' '.join(run.__doc__.split()).rstrip('.'))


class Cases(list):
    """of a file, in their order"""

    def alone(self, run):
        self.append(Case(run))
        return run

    def last(self, run):
        self.append(Case(run, last=True))
        return run

    def lane(self, name):
        def register(run):
            self.append(Case(run, name))
            return run
        return register
