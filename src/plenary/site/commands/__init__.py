"""One file for each command of ``plenary``.

A command module declares ``NAME``, ``HELP`` (one line), ``configure(parser)`` and ``run(args) -> exit code``, and
imports Django only inside ``run``, so that ``plenary --help`` and ``plenary analyze`` need neither.
"""
