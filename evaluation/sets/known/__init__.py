"""Folders with a layout of their own: each module reads some, and `FORMS` lists them all.

They are recognised by what lies in them, not by the folder's name, so that a copy or other songs of the same layout
are read as well.
"""

from __future__ import annotations

from evaluation.sets.forms import Form
from evaluation.sets.known import (
    field,
    groove,
    madmom,
    mdb_drums,
    notes,
    one_shots,
    polymetre,
    regions,
    rendered,
    samba,
    tables,
    without_truth,
)

FORMS: tuple[Form, ...] = (
    mdb_drums.FORM,
    *rendered.FORMS,
    polymetre.FORM,
    regions.FORM,
    *tables.FORMS,
    notes.FORM,
    samba.FORM,
    field.FORM,
    madmom.FORM,
    groove.FORM,
    *one_shots.FORMS,
    *without_truth.FORMS,
)
"""In the order in which they are tried."""
