"""MusicXML's own schema, from the package that carries it; what it refers to in xlink is declared here."""

from __future__ import annotations

import importlib.metadata
from functools import cache
from pathlib import Path

from lxml import etree

SCHEMA = "musicxml/generate_classes/musicxml_4_0.xsd"
XLINK = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/1999/xlink">
<xs:attribute name="type" type="xs:string"/><xs:attribute name="href" type="xs:anyURI"/>
<xs:attribute name="role" type="xs:string"/><xs:attribute name="title" type="xs:string"/>
<xs:attribute name="show" type="xs:string"/><xs:attribute name="actuate" type="xs:string"/></xs:schema>"""
XML = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/XML/1998/namespace">
<xs:attribute name="lang" type="xs:language"/><xs:attribute name="space" type="xs:string"/></xs:schema>"""


class _Here(etree.Resolver):
    def resolve(self, url: str, identity: str, context: object) -> object:
        for name, text in (("xlink.xsd", XLINK), ("xml.xsd", XML)):
            if url.endswith(name):
                return self.resolve_string(text, context)
        return None


@cache
def _schema() -> etree.XMLSchema:
    path = Path(str(importlib.metadata.distribution("musicxml").locate_file(SCHEMA)))
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Here())
    return etree.XMLSchema(etree.parse(path, parser))


def validate(score: bytes) -> None:
    """Raise DocumentInvalid, with the line, where a score breaks the schema."""
    parser = etree.XMLParser(load_dtd=False, no_network=True)
    _schema().assertValid(etree.fromstring(score, parser))
