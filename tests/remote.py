"""Functions that tests ask other processes for: these can be imported there."""

import os
import signal


def joint(activations):
    """A product of two units and a third one."""
    return activations[:, 0] * activations[:, 1] + activations[:, 2]


class DiesOnce:
    """The same; the first process other than the one that made it, to be asked, is killed."""

    def __init__(self, flag):
        self.flag, self.home = str(flag), os.getpid()

    def __call__(self, activations):
        if os.getpid() != self.home and not os.path.exists(self.flag):
            open(self.flag, "x").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return joint(activations)
