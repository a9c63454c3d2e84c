"""Models: what is known of them, where they lie, and how they come from their sources.

    entries   what is known of a model's version: its files' sources, hashes, licence, citation
    known     which versions are known: shipped, a user's own, a site's; which of them is in use
    sources   a source's bytes, from the place where an earlier try ended
    fetching  one file into the cache: streamed, checked, written whole or not at all
    cache     what was fetched, and what it is noted to be
    store     all of it together: where a model lies, fetched first where it does not
    there     a model that is there, with the hash that enters the keys of answers

Plugins are handed paths; only the host fetches.
"""
