"""The application: routes, problems, the page, behind the gate."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from api import openapi, problems
from api.routes import audio, exports, files, jobs, models, plugins, system
from api.security import Gate
from api.streams import Streams
from bridges.texts import safe
from core.engine import Engine
from hemiola import __version__

DESCRIPTION = """Listens to recordings nobody tidied first, and says what is in them.

Errors are `application/problem+json` (RFC 9457). Times in audio are seconds from the start of the file.
A file's id is the SHA-256 of its bytes."""


def create(engine: Engine, streams: Streams) -> FastAPI:
    """The application on an engine, without a gate."""
    app = FastAPI(
        title="Hemiola",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.engine, app.state.streams = engine, streams
    roots = ", ".join(safe(str(root)) for root in engine.settings.roots)
    problems.install(
        app, f"It may read {roots}; HEMIOLA_ALLOW adds folders (colon-separated) when it is started."
    )
    for one in (jobs, files, exports, audio, plugins, models, system):
        app.include_router(one.router)
    openapi.describe(app)
    app.mount("/ui", StaticFiles(directory=system.UI, html=True), name="page")
    return app


def gated(app: FastAPI, token: str | None) -> Gate:
    """The application as the network sees it."""
    return Gate(app, token)
