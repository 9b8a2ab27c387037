"""A file is there completely, or not at all: whatever happens while it is written."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import backlight as bl
from backlight.faults import TraceError
from backlight.traces import whole as whole_module
from backlight.traces.whole import check_place, whole

GOOD = "what was there before"


@pytest.fixture
def file(tmp_path):
    """A file that is there already."""
    path = tmp_path / "t.json"
    path.write_text(GOOD)
    return path


def left(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def test_what_was_written_replaces_what_was_there(file):
    with whole(file) as draft:
        draft.write_text("new")
        assert file.read_text() == GOOD
    assert file.read_text() == "new"
    assert left(file.parent) == ["t.json"]


def fails(file, failure):
    with whole(file) as draft:
        draft.write_text("half")
        raise failure


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_what_was_there_and_nothing_else(file, failure):
    with pytest.raises(failure):
        fails(file, failure)
    assert file.read_text() == GOOD
    assert left(file.parent) == ["t.json"]


def test_the_rights_of_the_file_stay_as_they_were(file):
    file.chmod(0o640)
    with whole(file) as draft:
        draft.write_text("new")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_link_stays_a_link(file):
    link = file.with_name("link.json")
    link.symlink_to(file)
    with whole(link) as draft:
        draft.write_text("new")
    assert link.is_symlink()
    assert file.read_text() == "new"


def test_the_draft_has_the_ending_of_the_file(tmp_path):
    with whole(tmp_path / "curve.svg") as draft:
        assert draft.suffix == ".svg"
        draft.write_text("<svg/>")


def folder_with(path, text):
    path.mkdir()
    (path / "zarr.json").write_text(text)


@pytest.mark.parametrize("in_one_step", [True, False])
def test_a_folder_replaces_a_folder(tmp_path, monkeypatch, in_one_step):
    if not in_one_step:  # as on a system that cannot
        monkeypatch.setattr(whole_module, "_exchange", lambda _one, _other: False)
    folder_with(tmp_path / "t.zarr", GOOD)
    with whole(tmp_path / "t.zarr") as draft:
        folder_with(draft, "new")
    assert (tmp_path / "t.zarr" / "zarr.json").read_text() == "new"
    assert left(tmp_path) == ["t.zarr"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges two folders in one step")
def test_two_folders_change_places_in_one_step(tmp_path):
    folder_with(tmp_path / "a", "a")
    folder_with(tmp_path / "b", "b")
    assert whole_module._exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / "zarr.json").read_text() == "b"


def test_when_a_folder_cannot_take_the_place_the_old_one_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr(whole_module, "_exchange", lambda _one, _other: False)
    folder_with(tmp_path / "t.zarr", GOOD)
    folder_with(tmp_path / "draft", "new")
    rename = Path.rename

    def fails_for_the_draft(path, target):
        if path.name == "draft":
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails_for_the_draft)
    with pytest.raises(PermissionError):
        whole_module._move(tmp_path / "draft", tmp_path / "t.zarr")
    assert (tmp_path / "t.zarr" / "zarr.json").read_text() == GOOD


def fault_of(action, *args):
    with pytest.raises(TraceError) as caught:
        action(*args)
    return caught.value.faults[0]


TRACE_ENDINGS = [".json", ".csv", ".zarr"]


@pytest.fixture(scope="module")
def trace():
    return bl.run(bl.recipe("course"))


@pytest.mark.parametrize("ending", TRACE_ENDINGS)
def test_a_folder_that_is_missing_is_named_with_the_way_out(tmp_path, trace, ending):
    file = tmp_path / "no such" / f"t{ending}"
    fault = fault_of(trace.save, file)
    assert fault.code == "T-FILE-3"
    assert fault.got == fault.where == str(file)
    assert fault.because == "No such file or directory"
    subprocess.run(fault.try_this, shell=True, check=True)  # noqa: S602  it is to be pasted into a shell
    assert trace.save(file) == file


def test_the_folder_that_a_link_leads_to_is_the_one_to_make(tmp_path, trace):
    (tmp_path / "link.json").symlink_to(tmp_path / "no such" / "t.json")
    fault = fault_of(trace.save, tmp_path / "link.json")
    subprocess.run(fault.try_this, shell=True, check=True)  # noqa: S602  it is to be pasted into a shell
    assert trace.save(tmp_path / "link.json").read_text() == (tmp_path / "no such" / "t.json").read_text()


def test_no_folder_is_to_be_made_that_is_there_already(tmp_path):
    def lose_draft():
        with whole(tmp_path / "t.json"):
            pass  # nothing was written, so there is nothing to move

    fault = fault_of(lose_draft)
    assert fault.because == "No such file or directory"
    assert "mkdir" not in fault.try_this


@pytest.mark.parametrize("ending", TRACE_ENDINGS)
def test_a_file_is_no_folder_to_write_into(file, trace, ending):
    fault = fault_of(trace.save, file / f"t{ending}")
    assert (fault.code, fault.because) == ("T-FILE-3", "Not a directory")


@pytest.mark.parametrize("ending", TRACE_ENDINGS)
def test_a_folder_without_the_right_to_write_is_refused(tmp_path, trace, ending):
    trace.save(tmp_path / f"t{ending}")  # all imports are done before rights are given up
    with TemporaryDirectory(dir="/tmp") as folder:  # a place that every user can reach
        Path(folder).chmod(0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)  # nobody: the rights of a folder do not bind root
        try:
            fault = fault_of(trace.save, Path(folder) / f"t{ending}")
            refused = fault_of(check_place, Path(folder) / f"t{ending}")
        finally:
            os.seteuid(user)
            Path(folder).chmod(0o755)
        assert left(folder) == []
    assert (fault.code, fault.because) == ("T-FILE-3", "Permission denied")
    assert refused == fault


def test_a_device_is_not_replaced(tmp_path, trace):
    os.mkfifo(tmp_path / "t.json")
    fault = fault_of(trace.save, tmp_path / "t.json")
    assert (fault.code, fault.because) == ("T-FILE-3", "not a regular file")
    assert stat.S_ISFIFO((tmp_path / "t.json").stat().st_mode)


@pytest.mark.parametrize("ending", [".json", ".csv"])
def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path, trace, ending):
    (tmp_path / f"t{ending}").mkdir()
    fault = fault_of(trace.save, tmp_path / f"t{ending}")
    assert (fault.code, fault.because) == ("T-FILE-3", "Is a directory")
    assert left(tmp_path) == [f"t{ending}"]


def test_a_folder_of_something_else_is_not_replaced_by_a_trace(tmp_path, trace):
    (tmp_path / "t.zarr").mkdir()
    (tmp_path / "t.zarr" / "thesis.txt").write_text(GOOD)
    fault = fault_of(trace.save, tmp_path / "t.zarr")
    assert fault.code == "T-FILE-3"
    assert (tmp_path / "t.zarr" / "thesis.txt").read_text() == GOOD


def test_a_file_is_not_replaced_by_a_folder(tmp_path, trace):
    (tmp_path / "t.zarr").write_text(GOOD)
    assert fault_of(trace.save, tmp_path / "t.zarr").code == "T-FILE-3"
    assert (tmp_path / "t.zarr").read_text() == GOOD


FULL_DISK = """
import resource, sys
import backlight as bl
trace = bl.run(bl.recipe("course").with_({{"training.iterations": 3000}}))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    trace.save({file!r})
except bl.BacklightError as error:
    print(error.faults[0].code, error.faults[0].because, error.faults[0].try_this, sep="|")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
@pytest.mark.parametrize("ending", TRACE_ENDINGS)
def test_when_the_disk_is_full_the_good_file_survives_and_nothing_is_left_over(tmp_path, trace, ending):
    file = trace.save(tmp_path / f"t{ending}")
    before = size(file)
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK.format(file=str(file))], capture_output=True, text=True, check=True
    )
    assert done.stdout == "T-FILE-3|File too large|--record parameters\n"
    assert done.stderr == ""
    assert size(file) == before
    assert left(tmp_path) == [f"t{ending}"]


def size(path):
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    return [(str(one), one.stat().st_size) for one in files]


KILLED = """
import os, signal
from pathlib import Path
from backlight.traces.whole import whole
with whole({file!r}) as draft:
    draft.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_a_kill_in_the_middle_leaves_the_good_file(file):
    done = subprocess.run([sys.executable, "-c", KILLED.format(file=str(file))], check=False)
    assert done.returncode == -signal.SIGKILL
    assert file.read_text() == GOOD


def test_a_place_is_tried_without_a_trace(file):
    check_place(file)
    check_place(file.with_name("new.json"))
    assert file.read_text() == GOOD
    assert left(file.parent) == ["t.json"]
    assert fault_of(check_place, file.parent / "no such" / "t.json").code == "T-FILE-3"
