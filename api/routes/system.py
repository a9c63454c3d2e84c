"""The machine and the server: health, status, resources, folders, clean-up, and the way to the page."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse

from api import schemas
from api.asked import Roots, TheEngine, absolute
from api.problems import documented
from bridges.environments import Environment
from bridges.texts import safe
from core.browsing import browse
from core.files import under
from core.resources import resources
from core.settings import ROOT
from core.words import JobState
from database.errors import DatabaseError
from hemiola import __version__
from hemiola._worker.confine import layers

router = APIRouter(tags=["system"])

UI = ROOT / "ui"
NOT_CONFINED = "plugins are not confined here: a buggy one harms nobody, a hostile one is not held"


@router.get(
    "/", response_model=schemas.Welcome, responses={303: {"description": "A browser is sent to /ui/."}}
)
def welcome(request: Request) -> Any:
    """What this is; a browser is sent to the page."""
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/ui/", 303)
    links = {
        "page": "/ui/",
        "docs": "/docs",
        "status": "/status",
        "files": "/database/files",
        "jobs": "/jobs",
    }
    return schemas.Welcome(name="hemiola", version=__version__, links=dict(links))


@router.get("/docs", include_in_schema=False)
def docs() -> FileResponse:
    """This description, to read and to try."""
    return FileResponse(UI / "docs.html")


@router.get(
    "/health",
    response_model=schemas.Health,
    responses={503: {"model": schemas.Health, "description": "The database or the job loop does not work."}},
)
def health(engine: TheEngine) -> Any:
    """Whether it works."""
    try:
        engine.check_alive()
    except (DatabaseError, RuntimeError) as error:
        return JSONResponse({"status": "failing", "problems": [str(error)]}, 503)
    away = [engine.workers.reason(one.name) for one in engine.workers.environments.values() if not _idle(one)]
    problems = [reason for reason in away if reason is not None]
    return schemas.Health(status="degraded" if problems else "ok", problems=problems)


def _idle(environment: Environment) -> bool:
    """An optional environment that was never built is not missed."""
    return environment.optional and environment.state == "missing"


@router.get("/status", response_model=schemas.Status, responses=documented(503))
def status(request: Request, engine: TheEngine) -> schemas.Status:
    """What the server is doing, and with what."""
    counts = engine.store.counters()
    queue = {state: counts.get(f"jobs.{state}", 0) for state in (JobState.QUEUED, JobState.RUNNING)}
    mode: Any = engine.workers.mode
    confined = mode == "confined"
    return schemas.Status(
        queue=schemas.Queue(**queue),
        workers=schemas.WorkersShown(running=engine.running_plugins(), limit=engine.settings.workers),
        environments=[
            schemas.EnvironmentShown(
                name=one.name, title=one.title, state=one.state, reason=engine.workers.reason(one.name)
            )
            for one in engine.workers.environments.values()
        ],
        confinement=schemas.Confinement(
            mode=mode,
            sentence="plugins are confined" if confined else NOT_CONFINED,
            layers=_in_force(confined),
        ),
        cache=schemas.Cache(
            path=safe(str(engine.settings.cache)),
            bytes=engine.views.bytes(),
            limit_bytes=int(engine.settings.cache_gb * 1e9),
        ),
        quarantined=[
            schemas.Quarantined(plugin=one.plugin, reason=one.reason or "")
            for one in engine.store.healths()
            if one.state == "quarantined"
        ],
        versions={
            "hemiola": __version__,
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "system": f"{platform.system()} {platform.release()}",
        },
        server=schemas.ServerShown(
            pid=os.getpid(),
            address=getattr(request.app.state, "address", None),
            data=safe(str(engine.settings.data)),
        ),
        roots=[safe(str(root)) for root in engine.settings.roots],
    )


def _in_force(confined: bool) -> dict[str, bool]:
    return {name: there and confined for name, there in layers().items()}


@router.get("/api/system/resources", response_model=schemas.Resources, responses=documented(503))
def system_resources(engine: TheEngine) -> schemas.Resources:
    """Processors, memory, disks and graphics processors, as they are now."""
    found = resources(engine.settings)
    return schemas.Resources(
        cpu=schemas.Cpu(count=found.cores, percent=found.cpu_percent),
        memory=schemas.Memory(
            total_bytes=found.memory_bytes,
            available_bytes=found.memory_free_bytes,
            process_bytes=found.process_bytes,
        ),
        disk=[
            schemas.DiskShown(
                what=one.what,
                path=safe(str(one.path)),
                total_bytes=one.total_bytes,
                free_bytes=one.free_bytes,
            )
            for one in found.disks
        ],
        gpus=[
            schemas.GpuShown(
                name=one.name, total_bytes=one.total_bytes, used_bytes=one.used_bytes, percent=one.percent
            )
            for one in found.gpus
        ],
    )


@router.post("/api/system/cleanup", response_model=schemas.Cleanup, responses=documented(503))
def cleanup(engine: TheEngine) -> schemas.Cleanup:
    """Give up what can be made again and what nothing refers to, and say how much that was."""
    freed = [schemas.Freed(what=what, bytes=size) for what, size in engine.library.clean().items()]
    return schemas.Cleanup(freed_bytes=sum(one.bytes for one in freed), what=freed)


@router.get("/api/browse", response_model=schemas.Folder, responses=documented(404, 422))
def list_folder(
    engine: TheEngine,
    roots: Roots,
    path: Annotated[
        str | None,
        Query(
            description="A folder; the home folder by default.", examples=["/home/ann/takes"], max_length=4096
        ),
    ] = None,
) -> schemas.Folder:
    """The folders and recordings in a folder."""
    folder = Path.home() if path is None else absolute(path)
    found = browse(folder, roots)
    parent = Path(os.path.realpath(folder)).parent
    return schemas.Folder(
        path=safe(str(folder)),
        parent=safe(str(folder.parent)) if folder.parent != folder and under(parent, roots) else None,
        roots=[safe(str(root)) for root in engine.settings.roots],
        items=[
            schemas.Entry(name=safe(e.path.name), path=safe(str(e.path)), kind=e.kind, size=e.size)
            for e in found
        ],
    )
