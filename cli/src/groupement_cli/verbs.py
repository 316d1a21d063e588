"""Several verbs of one service, one after the other in one interpreter: `verbs.py MODULE migrate -- load FILE`.

Each verb is what `python -m MODULE verb` does; starting an interpreter costs more than most of them. The first that
fails ends it, with its exit code.
"""

import runpy
import sys
from collections.abc import Iterator, Sequence

_NEXT = "--"


def split(arguments: Sequence[str]) -> Iterator[list[str]]:
    """The arguments of each verb."""
    verb: list[str] = []
    for argument in arguments:
        if argument == _NEXT:
            yield verb
            verb = []
        else:
            verb.append(argument)
    yield verb


def run(module: str, arguments: Sequence[str]) -> None:
    """Do one verb; raises SystemExit when it fails."""
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if ended.code:
            raise


if __name__ == "__main__":
    _module, *_arguments = sys.argv[1:]
    for _verb in split(_arguments):
        run(_module, _verb)
