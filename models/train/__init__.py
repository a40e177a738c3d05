"""Trains the complaint classifier that ships in ``models/weights``; needs the extra ``train``.

Nothing here is imported at run time. ``python -m models.train --help`` says how to start it.
"""
