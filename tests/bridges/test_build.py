"""Building environments: recorded, repeatable, and a failure that says what mends it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import pytest

from bridges import build as building
from bridges.building import interpreters, links, wheels
from bridges.building.declarations import (
    DeclarationError,
    read_declaration,
    read_declarations,
    read_record,
)
from bridges.building.steps import BuildFailed
from tests.bridges.checkouts import THIS_MINOR, Checkout, write_wheel

ROOT = Path(__file__).resolve().parents[2]
COMPILE = '[compile]\nname = "sourceonly"\nwith = []\n'


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return Checkout(tmp_path / "a checkout")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout whose one environment, `tiny`, stands."""
    checkout = Checkout(tmp_path_factory.mktemp("built"))
    declaration = checkout.declare("tiny")
    assert building.build(declaration, checkout.root, checkout.say).state == "ready"
    return checkout


@pytest.fixture
def without_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "bare-path"
    bare.mkdir()
    monkeypatch.setenv("PATH", str(bare))
    monkeypatch.delenv("CC", raising=False)


def test_a_second_build_does_nothing(checkout: Checkout, built: Checkout) -> None:
    declaration = checkout.adopt("tiny", built)
    first = read_record(declaration.venv)
    started = time.monotonic()
    assert building.build(declaration, checkout.root, checkout.say) == first
    assert checkout.said == []
    assert time.monotonic() - started < 5


def test_a_plugin_with_a_mistake_in_its_syntax_fails_no_build(checkout: Checkout, built: Checkout) -> None:
    declaration = checkout.adopt("tiny", built)
    plugins = checkout.root / "plugins"
    plugins.mkdir()
    (plugins / "broken.py").write_text("def :\n")
    (plugins / "sound.py").write_text("")
    assert building.build(declaration, checkout.root, checkout.say).state == "ready"
    assert list(plugins.glob("__pycache__/sound.*.pyc"))


def test_an_environment_knows_the_sdk_as_an_installed_distribution(
    checkout: Checkout, built: Checkout
) -> None:
    declaration = checkout.adopt("tiny", built)
    building.build(declaration, checkout.root, checkout.say)
    ask = "import hemiola, importlib.metadata as m; print(hemiola.__file__, m.version('hemiola'))"
    told = subprocess.run([declaration.python, "-I", "-c", ask], capture_output=True, text=True, cwd="/")
    assert told.stdout.strip() == f"{checkout.root / 'sdk' / 'hemiola' / '__init__.py'} 9.8.7"


def test_a_build_killed_half_way_is_begun_anew(checkout: Checkout) -> None:
    declaration = checkout.declare("tiny")
    left_over = declaration.venv / "bin" / "left-over"
    left_over.parent.mkdir(parents=True)
    left_over.write_text("")
    assert building.build(declaration, checkout.root, checkout.say).state == "ready"
    assert not left_over.exists()


def test_after_a_killed_build_the_next_waits_for_what_it_left_running(checkout: Checkout) -> None:
    declaration = checkout.declare("tiny", 'warmup = "warmup.py"\n')
    slow = "import pathlib, time\ndef warm():\n    pathlib.Path(__file__).with_name('warming').touch(); time.sleep(2)\n"
    (declaration.folder / "warmup.py").write_text(slow)
    code = (
        "import sys; from pathlib import Path; from bridges.build import build\n"
        "from bridges.building.declarations import read_declarations\n"
        "root = Path(sys.argv[1]); build(read_declarations(root)['tiny'], root, print)\n"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", code, checkout.root], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while not (declaration.folder / "warming").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    killed.kill()
    killed.wait()
    assert read_record(declaration.venv) is None
    assert building.build(declaration, checkout.root, checkout.say).state == "ready"
    assert [line.partition(" (")[0] for line in checkout.said[:2]] == [
        "tiny: another build is running; waiting for it",
        "tiny: building",
    ]


def test_a_changed_lock_builds_anew_and_a_changed_warm_up_only_warms(
    checkout: Checkout, built: Checkout
) -> None:
    checkout.adopt("tiny", built)
    declaration = checkout.declare("tiny", 'warmup = "warmup.py"\n')
    first = read_record(declaration.venv)
    assert first is not None
    warmup = declaration.folder / "warmup.py"
    mark = declaration.venv / "mark"
    mark.write_text("")

    warmup.write_text("import pathlib\ndef warm():\n    pathlib.Path(__file__).with_name('warmed').touch()\n")
    second = building.build(declaration, checkout.root, checkout.say)
    assert (declaration.folder / "warmed").exists()
    assert mark.exists()
    assert second.built_at == first.built_at

    declaration.plans[0].lock.write_text("\n")
    building.build(declaration, checkout.root, checkout.say)
    assert not mark.exists()


def test_a_warm_up_that_leaves_a_thread_fails_the_build(checkout: Checkout, built: Checkout) -> None:
    checkout.adopt("tiny", built)
    declaration = checkout.declare("tiny", 'warmup = "warmup.py"\n')
    thread = "threading.Thread(target=time.sleep, args=(1,), daemon=True)"
    text = f"import threading, time\ndef warm():\n    {thread}.start()\n"
    (declaration.folder / "warmup.py").write_text(text)
    record = building.build(declaration, checkout.root, checkout.say)
    assert record.state == "failed"
    assert "2 threads" in record.reason


def test_an_index_that_is_not_reached_is_said_with_what_to_look_at(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    for name, value in {
        "INDEX_URL": "http://127.0.0.1:9/",
        "RETRIES": "1",
        "CONFIG_FILE": os.devnull,
    }.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    declaration = checkout.declare("tiny", lock="no-such-package==1.0\n")
    record = building.build(declaration, checkout.root, checkout.say)
    assert "check the network" in record.reason and "no-such-package" in record.reason
    assert checkout.said[-1].endswith("Then run: .venv/bin/hemiola envs build tiny")


def test_a_package_that_cannot_be_had_is_named_with_the_command_that_mends_it(checkout: Checkout) -> None:
    declaration = checkout.declare("tiny", lock="no-such-package==1.0\n")
    record = building.build(declaration, checkout.root, checkout.say)
    assert record.state == "failed"
    assert "no-such-package==1.0" in record.reason
    assert record.remedy == "hemiola envs build tiny"
    assert read_record(declaration.venv) == record


def test_a_failed_environment_does_not_stop_the_others(checkout: Checkout, built: Checkout) -> None:
    checkout.declare("broken", minor="3.2")
    checkout.adopt("tiny", built)
    broken, sound = building.setup(checkout.root, checkout.say)
    assert (broken.state, sound.state) == ("failed", "ready")
    assert "No Python 3.2" in broken.reason


def test_an_optional_environment_is_built_only_when_named(checkout: Checkout) -> None:
    checkout.declare("extra", "optional = true\n", minor="3.2")
    assert building.setup(checkout.root, checkout.say) == []
    (record,) = building.setup(checkout.root, checkout.say, names=["extra"])
    assert "No Python 3.2" in record.reason


def test_an_unknown_name_is_refused_with_the_known_ones(checkout: Checkout) -> None:
    checkout.declare("tiny")
    with pytest.raises(BuildFailed, match=r"no environment 'tinny'; there are tiny"):
        building.setup(checkout.root, checkout.say, names=["tinny"])


@pytest.mark.usefixtures("without_compiler")
def test_a_missing_compiler_fails_only_what_has_to_be_compiled(checkout: Checkout) -> None:
    declaration = checkout.declare("compiled", COMPILE, lock="sourceonly==1.0\n")
    record = building.build(declaration, checkout.root, checkout.say)
    assert record.state == "failed"
    assert "no C compiler" in record.reason
    assert record.remedy == "hemiola envs build compiled"


@pytest.mark.usefixtures("without_compiler")
def test_no_compiler_is_needed_where_the_wheel_is_cached(checkout: Checkout) -> None:
    declaration = checkout.declare("compiled", COMPILE, lock="sourceonly==1.0\n")
    write_wheel(wheels.wheel_folder(declaration, declaration.plans[0]), "sourceonly")
    record = building.build(declaration, checkout.root, checkout.say)
    assert (record.state, record.reason) == ("ready", "")
    assert list(declaration.venv.glob("lib/*/site-packages/sourceonly.py"))


def test_two_builds_at_once_build_once(checkout: Checkout) -> None:
    declaration = checkout.declare("tiny")
    both = [
        threading.Thread(target=building.build, args=(declaration, checkout.root, checkout.say)) for _ in "ab"
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len([line for line in checkout.said if "building (" in line]) == 1
    assert any("another build is running" in line for line in checkout.said)


def test_test_packages_come_on_top_only_when_asked_for(
    checkout: Checkout, built: Checkout, tmp_path: Path
) -> None:
    wheel = write_wheel(tmp_path / "wheels", "fortests")
    checkout.adopt("tiny", built)
    declaration = checkout.declare("tiny", dev=f"{wheel}\n")
    building.build(declaration, checkout.root, checkout.say)
    assert not list(declaration.venv.glob("lib/*/site-packages/fortests.py"))
    building.build(declaration, checkout.root, checkout.say, dev=True)
    assert list(declaration.venv.glob("lib/*/site-packages/fortests.py"))


def test_an_interpreter_counts_only_when_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.99: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found, rejected = interpreters.find("3.99")
    assert found is None
    assert [(one.path, one.why) for one in rejected] == [
        (shim, "does not run (pyenv: python3.99: command not found)")
    ]


def test_a_name_on_path_that_is_another_version_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python3").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    found, _ = interpreters.find("3.99")
    assert found is None
    here, _ = interpreters.find(THIS_MINOR)
    assert here is not None
    assert here.minor == THIS_MINOR


def test_the_fallback_plan_is_taken_where_the_first_python_is_missing(checkout: Checkout) -> None:
    lock = f"lock-other-{THIS_MINOR}.txt"
    fallback = (
        f'[fallback]\ninterpreters = ["{THIS_MINOR}"]\nlock = "{lock}"\nnotice = "built on a fallback"\n'
    )
    declaration = checkout.declare("old", fallback, minor="3.2")
    (declaration.folder / lock).write_text("")
    plan, interpreter = building.choose(declaration)
    assert (plan.lock.name, plan.notice) == (lock, "built on a fallback")
    assert interpreter.minor == THIS_MINOR


def test_the_command_runs_this_checkout_from_anywhere(checkout: Checkout, tmp_path: Path) -> None:
    venv = checkout.root / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    (checkout.root / "main.py").write_text("import core, sys\nprint(core.__file__, sys.argv[1:])\n")
    (checkout.root / "core.py").write_text("")
    decoy = tmp_path / "decoy"
    decoy.mkdir()
    (decoy / "core.py").write_text("raise SystemExit('the decoy')\n")
    links.write_launcher(checkout.root, venv)
    command = venv / "bin" / "hemiola"
    for cwd in ("/", decoy):
        told = subprocess.run(
            [command, "a b", "--c"],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(decoy)},
            capture_output=True,
            text=True,
        )
        assert told.stdout.strip() == f"{checkout.root / 'core.py'} ['a b', '--c']", told.stderr


def test_set_up_runs_as_a_script_before_anything_is_installed(checkout: Checkout) -> None:
    shutil.copytree(ROOT / "bridges" / "building", checkout.root / "bridges" / "building")
    for name in ("__init__.py", "build.py", "environments.py"):
        shutil.copy(ROOT / "bridges" / name, checkout.root / "bridges" / name)
    checkout.declare("host", 'venv = ".venv"\n')
    python, _ = interpreters.find(THIS_MINOR)
    assert python is not None
    script = checkout.root / "bridges" / "build.py"
    done = subprocess.run([python.path, "-S", script, "setup"], capture_output=True, text=True, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")
    assert "host: ready" in done.stdout


@pytest.mark.parametrize(
    ("text", "told"), [("title = 1", "lacks 'interpreters'"), ("title =", "cannot be read")]
)
def test_a_declaration_that_is_wrong_names_its_file(checkout: Checkout, text: str, told: str) -> None:
    declaration = checkout.declare("tiny")
    (declaration.folder / "environment.toml").write_text(text)
    with pytest.raises(DeclarationError, match=f"environment.toml {told}"):
        read_declaration(declaration.folder, checkout.root)


def test_every_lock_pins_releases_alone_and_holds_what_is_required() -> None:
    for declaration in read_declarations(ROOT).values():
        table = tomllib.loads((declaration.folder / "environment.toml").read_text())
        for plan in declaration.plans:
            locked = plan.lock.read_text().split()
            assert all(re.fullmatch(r"[a-z0-9-]+==[A-Za-z0-9.]+", line) for line in locked), plan.lock
            assert plan.dev_lock.exists()
            assert not any(line.startswith(("torch==", "nvidia", "triton")) for line in locked), plan.lock
            names = {line.partition("==")[0] for line in locked}
            required = {
                re.split(r"[=<>]", line)[0].lower().replace("_", "-") for line in table["requirements"]
            }
            assert required <= names, plan.lock
            assert {"numpy", "pydantic", "pluggy"} <= names, plan.lock


def test_torch_is_pinned_outside_the_locks() -> None:
    assert read_declarations(ROOT)["neural"].torch == "2.13.0"
