"""Logs read and counted by a process of its own, which goes behind others and leaves no memory behind.

It tells on its standard output, a JSON object a line, how far it is and what came of it. It stops when it is
asked to and when nobody listens; killed, it leaves the pilot as any killed program does.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import BinaryIO, Literal, cast

import msgspec
from pydantic import TypeAdapter

from recsys_roi.errors import InputError, InUseError, PilotError, RecsysRoiError
from recsys_roi.evidence.counting import OnStep, counted, counts_folder
from recsys_roi.logs.ingest import IngestResult, ingest_files
from recsys_roi.logs.pilot import Pilot
from recsys_roi.logs.progress import OnProgress, Progress, StoppedError
from recsys_roi.logs.reading import Source, display_name
from recsys_roi.logs.recognise import KindOrAuto

NICENESS = 10
LOOK_SECONDS = 0.2  # between two looks at whether somebody has asked to stop
LOCK_SECONDS = 0.5  # between two tries for a pilot that another program writes
PATIENCE = 10.0  # seconds that a process has to stop by itself
LARGE = 200_000  # rows of a pilot
_PIECE = 2**16
_RESULT = TypeAdapter(IngestResult)


class _Order(msgspec.Struct, tag=True, frozen=True):
    """What to do with the pilot in a folder: read the source that is named, or, without one, count."""

    folder: str
    name: str | None = None  # of the source
    upload_bytes: int | None = None  # that follow on standard input; None: the name is a path
    kind: KindOrAuto = "auto"
    mapping: Mapping[str, str] = {}
    wait_seconds: float = 0.0


class _Step(msgspec.Struct, tag=True, frozen=True):
    file: str
    step: Literal["reading", "converting", "checking", "storing"]
    done: int
    total: int
    lines: int
    rejected: int


class _Waits(msgspec.Struct, tag=True, frozen=True):
    """Another program writes the pilot."""


class _Counts(msgspec.Struct, tag=True, frozen=True):
    done: int
    steps: int


class _Read(msgspec.Struct, tag=True, frozen=True):
    result: str  # as JSON


class _Done(msgspec.Struct, tag=True, frozen=True):
    """The counts are there."""


class _Failed(msgspec.Struct, tag=True, frozen=True):
    said: str
    why: Literal["stopped", "in use", "pilot", "input"] = "input"


class _Fault(msgspec.Struct, tag=True, frozen=True):
    """What is no error of ours; never its text, which may hold what was read."""

    name: str  # of its class


_Told = _Step | _Waits | _Counts | _Read | _Done | _Failed | _Fault
_told = msgspec.json.Decoder(_Told)


def ingest_apart(
    pilot: Pilot,
    source: Source,
    kind: KindOrAuto,
    mapping: Mapping[str, str],
    *,
    wait_seconds: float,
    on_progress: OnProgress,
    on_wait: Callable[[], None],
    is_stopped: Callable[[], bool],
) -> IngestResult:
    """As `ingest_files` of one source, in a process of its own.

    Raises what that raises, for LogError an InputError with the same words; StoppedError when `is_stopped`
    says so; PilotError when the process was killed, with what became of the file.
    """
    given = source[0] if isinstance(source, tuple) else str(Path(source).absolute())
    order = _Order(
        folder=str(pilot.folder),
        name=given,
        upload_bytes=size_of(source) if isinstance(source, tuple) else None,
        kind=kind,
        mapping=dict(mapping),
        wait_seconds=wait_seconds,
    )
    for told in _run(order, source[1] if isinstance(source, tuple) else None, is_stopped):
        if isinstance(told, _Step):
            on_progress(
                Progress(
                    file=told.file,
                    step=told.step,
                    done=told.done,
                    total=told.total,
                    lines=told.lines,
                    rejected=told.rejected,
                )
            )
        elif isinstance(told, _Waits):
            on_wait()
        elif isinstance(told, _Read):
            return _RESULT.validate_json(told.result)
    raise PilotError(_ended(pilot, display_name(source)))


def _ended(pilot: Pilot, name: str) -> str:
    """What became of a file whose process was killed."""
    kept = any(cut.kept for cut in pilot.cut_off() if cut.name == name)
    became = "It was kept whole" if kept else "It was not kept; add it again"
    return (
        f"{name}: the process that read it was ended from outside, as a machine does that runs out of "
        f"memory. {became}."
    )


def size_of(source: Source) -> int:
    """Bytes of a source; 0 where there is none to read, or nobody can say."""
    if isinstance(source, tuple):
        stream = source[1]
        return stream.seek(0, os.SEEK_END) if stream.seekable() else 0
    try:
        return Path(source).stat().st_size
    except OSError:
        return 0


_counting = threading.Lock()  # one at a time: two would take each other's memory, and may be of the same logs


def count_apart(
    pilot: Pilot, on_step: OnStep | None = None, is_stopped: Callable[[], bool] = lambda: False
) -> None:
    """Has the counts of a pilot made by a process of its own, where they are not there yet.

    Raises PilotError where they cannot be made, or when the process was killed, and StoppedError when
    `is_stopped` says so; nothing is half there then.
    """
    if _is_counted(pilot):
        return
    with _counting:
        if _is_counted(pilot):
            return
        for told in _run(_Order(folder=str(pilot.folder)), None, is_stopped):
            if isinstance(told, _Counts) and on_step is not None:
                on_step(told.done, told.steps)
            if isinstance(told, _Done):
                return
    raise PilotError(
        f"The process that counted the logs of {pilot.name} was ended from outside, as a machine does that "
        "runs out of memory. The logs are whole. Try again when there is room."
    )


def count_large_apart(
    pilot: Pilot, on_step: OnStep | None = None, is_stopped: Callable[[], bool] = lambda: False
) -> None:
    """As `count_apart` where counting takes longer than to start a process; else it is left to the reader."""
    if sum(file.records for file in pilot.files) >= LARGE:
        count_apart(pilot, on_step, is_stopped)


def _is_counted(pilot: Pilot) -> bool:
    return pilot.counted is not None or counts_folder(pilot.folder, pilot.fingerprint).is_dir()


def _run(order: _Order, content: BinaryIO | None, is_stopped: Callable[[], bool]) -> Iterator[_Told]:
    """What the process tells, until it ends; its errors are raised here."""
    command = [sys.executable, "-P", "-m", __name__]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    child = subprocess.Popen(  # noqa: S603 - our own module, no shell
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    problems: list[Exception] = []
    feeder = threading.Thread(target=_feed, args=(child, order, content, problems), daemon=True)
    feeder.start()
    try:
        for line in _lines(child, is_stopped):
            told = _told.decode(line)
            if isinstance(told, _Failed):
                raise _error(told)
            if isinstance(told, _Fault):
                raise RuntimeError(told.name)
            yield told
    finally:
        _end(child)
        feeder.join()
    if problems:
        raise problems[0]
    if is_stopped():
        raise StoppedError


def _feed(
    child: subprocess.Popen[bytes], order: _Order, content: BinaryIO | None, problems: list[Exception]
) -> None:
    """The order, then the bytes of an upload."""
    if child.stdin is None:
        return
    try:
        child.stdin.write(msgspec.json.encode(order) + b"\n")
        if content is not None:
            if content.seekable():
                content.seek(0)
            shutil.copyfileobj(content, child.stdin, _PIECE)
        child.stdin.close()
    except BrokenPipeError:  # the process has ended, and has told why
        pass
    except Exception as problem:  # noqa: BLE001 - goes on to the caller's thread
        problems.append(problem)
        child.kill()


def _lines(child: subprocess.Popen[bytes], is_stopped: Callable[[], bool]) -> Iterator[bytes]:
    """The lines that it writes; it is asked to end as soon as somebody has asked to stop."""
    if child.stdout is None:
        return
    handle, held, asked_at = child.stdout.fileno(), b"", None
    while True:
        ready, _, _ = select.select([handle], [], [], LOOK_SECONDS)
        if ready:
            piece = os.read(handle, _PIECE)
            if not piece:
                return
            *whole, held = (held + piece).split(b"\n")
            yield from whole
        if is_stopped() and asked_at is None:
            asked_at = time.monotonic()
            child.terminate()
        if asked_at is not None and time.monotonic() > asked_at + PATIENCE:
            child.kill()


def _end(child: subprocess.Popen[bytes]) -> None:
    """Nothing of it is left: it has ended, or is ended now."""
    if child.stdout is not None:
        child.stdout.close()
    try:
        child.wait(PATIENCE if child.poll() is not None else LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        child.terminate()
        try:
            child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _error(told: _Failed) -> RecsysRoiError:
    if told.why == "stopped":
        return StoppedError()
    kinds = {"in use": InUseError, "pilot": PilotError, "input": InputError}
    return kinds[told.why](told.said)


class _Upload:
    """The upload on standard input; nothing of it is kept where the program that sends it ends early."""

    def __init__(self, size: int) -> None:
        self._left = size

    def seekable(self) -> bool:
        """It is read once."""
        return False

    def read(self, size: int) -> bytes:
        """The next bytes, none at the end."""
        piece = sys.stdin.buffer.read(min(size, self._left))
        if not piece and self._left:
            raise StoppedError
        self._left -= len(piece)
        return piece


class _Teller:
    """The child's side: writes what is told, and notices that it is to stop."""

    def __init__(self) -> None:
        self._is_asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, _: int, __: FrameType | None) -> None:
        self._is_asked = True

    def tell(self, told: _Told) -> None:
        """StoppedError where it is to stop, or nobody listens."""
        try:
            sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
            sys.stdout.buffer.flush()
        except OSError:
            raise StoppedError from None
        if self._is_asked:
            raise StoppedError

    def progress(self, now: Progress) -> None:
        """How far the reading is."""
        self.tell(
            _Step(
                file=now.file,
                step=now.step,
                done=now.done,
                total=now.total,
                lines=now.lines,
                rejected=now.rejected,
            )
        )


def _read(order: _Order, name: str, teller: _Teller) -> _Read:
    pilot = Pilot(Path(order.folder))
    upload = None if order.upload_bytes is None else _Upload(order.upload_bytes)
    source: Source = name if upload is None else (name, cast("BinaryIO", upload))
    deadline = time.monotonic() + order.wait_seconds
    while True:
        try:
            (result,) = ingest_files(
                pilot,
                [source],
                order.kind,
                teller.progress,
                mapping=order.mapping,
                wait_seconds=LOCK_SECONDS,
            )
        except InUseError:
            if time.monotonic() > deadline:
                raise
            teller.tell(_Waits())
        else:
            return _Read(result=_RESULT.dump_json(result).decode())


def _main() -> None:
    with suppress(OSError):  # where it is not allowed, it goes beside others
        os.nice(NICENESS)
    teller = _Teller()
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=_Order)
    last: _Told
    try:
        if order.name is not None:
            last = _read(order, order.name, teller)
        else:
            counted(Pilot(Path(order.folder)), lambda done, steps: teller.tell(_Counts(done, steps)))
            last = _Done()
    except StoppedError:
        last = _Failed("", "stopped")
    except InUseError as problem:
        last = _Failed(str(problem), "in use")
    except PilotError as problem:
        last = _Failed(str(problem), "pilot")
    except RecsysRoiError as problem:
        last = _Failed(str(problem), "input")
    except Exception as problem:  # noqa: BLE001 - told to the program that waits, which says it to a person
        last = _Fault(type(problem).__name__)
    with suppress(StoppedError):  # nobody listens, or it was done before it could stop
        teller.tell(last)


if __name__ == "__main__":
    _main()
