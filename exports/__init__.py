"""From results to documents: hits.json, MIDI, notation. Pure functions; a worker loads the folder by file location.

Modules name each other relatively, and the host imports none that needs more than the SDK.
"""
