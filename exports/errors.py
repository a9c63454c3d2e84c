"""Why a document cannot be written."""


class NothingToWrite(Exception):
    """The results hold nothing that the document could show; the message is a sentence."""
