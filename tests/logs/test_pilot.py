"""The pilot on disk: names, damage, removal, and a connection that cannot reach anything else."""

import json
import os
import unicodedata

import duckdb
import pytest

from recsys_roi.errors import PilotError, SettingError, UnknownNameError
from recsys_roi.logs import tables
from recsys_roi.logs.contracts import CONTRACTS
from recsys_roi.logs.ingest import ingest_files
from recsys_roi.logs.pilot import Pilot, home, pilot_folder, pilot_names, temporary_pilot
from tests.logs.lines import OUTCOME, line_of


@pytest.fixture
def log(tmp_path):
    def written(name: str = "o.jsonl", start: int = 0):
        path = tmp_path / name
        path.write_bytes(b"".join(line_of(OUTCOME, start + n) + b"\n" for n in range(5)) + b"broken\n")
        return path

    return written


def names(folder):
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def pilot(tmp_path, log):
    made = Pilot.create_or_open(tmp_path / "pilot")
    ingest_files(made, [log()])
    return made


@pytest.mark.parametrize("name", ["shop", "Shop 2026-01", "a", "x.y_z", "Käse", "推薦", "a" * 64])
def test_a_name_is_a_folder_of_that_name(tmp_path, name):
    pilot = Pilot.create_or_open(pilot_folder(tmp_path, name))
    assert pilot.folder.parent == tmp_path / "pilots"
    assert pilot_names(tmp_path) == (pilot.name,) == (unicodedata.normalize("NFC", name),)
    assert Pilot.open(tmp_path, unicodedata.normalize("NFD", name)).folder == pilot.folder


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", ".", "..", "../x", "a/b", "a\\b", ".hidden", "a.", "-x", "x ", "a\nb", "a\0b", "a'b"),
        *("a" * 65, "a*b", "推" * 64 + "b" * 9, "薦" * 64 + "b", "\u202eabc", "a" + "𠀀" * 62),
    ],
)
def test_other_names_are_refused(tmp_path, name):
    with pytest.raises(SettingError, match="Setting pilot must be"):
        pilot_folder(tmp_path, name)


def test_an_unknown_pilot_is_said_with_the_known_ones(tmp_path):
    Pilot.create_or_open(pilot_folder(tmp_path, "shop"))
    Pilot.create_or_open(pilot_folder(tmp_path, "books"))
    with pytest.raises(UnknownNameError, match=r"Unknown pilot 'shoe'\. Known: books, shop\."):
        Pilot.open(tmp_path, "shoe")
    with pytest.raises(UnknownNameError, match="Known: none"):
        Pilot.open(tmp_path / "nowhere", "shop")


def test_where_pilots_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("RECSYS_ROI_HOME", str(tmp_path))
    assert home() == tmp_path
    monkeypatch.setenv("RECSYS_ROI_HOME", " ")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert home() == tmp_path / "me" / ".recsys-roi"


def test_a_folder_of_other_things_is_not_taken(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(PilotError, match=r"holds other files, not a pilot\. Choose a new folder\."):
        Pilot.create_or_open(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(PilotError, match="cannot be made in"):
        Pilot.create_or_open(tmp_path / "file")


def test_only_the_owner_may_look_into_a_pilot(pilot):
    assert pilot.folder.stat().st_mode & 0o077 == 0


DAMAGE = [
    b"",
    b"{",
    b"[]",
    b"{}",
    b'{"version": "pilot.v2"}',
    b'{"files": []}',
    b'{"version": "pilot.v1"}',
    b'{"version": "pilot.v9", "files": []}',
    b'{"version": "pilot.v1", "files": [{"name": "x"}]}',
    b'{"version": "pilot.v1", "files": [], "more": 1}',
    b'{"version": "pilot.v1", "files": 1}',
    b'{"version": "pilot.v1", "files": [1]}',
    b'{"version": "pilot.v2", "files": [], "manifests": [{}]}',
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_manifest_is_a_sentence(pilot, damage):
    (pilot.folder / "manifest.json").write_bytes(damage)
    for use in (lambda: pilot.files, pilot.connect, lambda: pilot.fingerprint, lambda: list(pilot.rejects())):
        with pytest.raises(
            PilotError,
            match=r"of another version\. Put a copy of them back, or delete the pilot and ingest",
        ):
            use()
    with pytest.raises(PilotError, match="damaged or of another version"):
        Pilot(pilot.folder)
    pilot.delete()
    assert not pilot.folder.exists()


def test_a_manifest_of_the_first_version_is_read(pilot):
    path, fingerprint = pilot.folder / "manifest.json", pilot.fingerprint
    (new,) = pilot.files
    stored = json.loads(path.read_text())
    for field in ("records", "format", "packing", "mapping"):
        del stored["files"][0][field]
    del stored["manifests"]
    path.write_text(json.dumps(stored | {"version": "pilot.v1"}))
    assert pilot.files == (new,)
    assert pilot.fingerprint == fingerprint
    with pilot.connect() as connection:
        assert connection.sql("SELECT count(*) FROM outcomes").fetchall() == [(5,)]


@pytest.mark.parametrize("field", ["hash", "content_hash"])
def test_a_manifest_cannot_name_a_file_elsewhere(pilot, field):
    path = pilot.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"][0][field] = "blake3:../../secret"
    path.write_text(json.dumps(manifest))
    with pytest.raises(PilotError, match="damaged"):
        pilot.connect()


def test_missing_or_damaged_rows_are_a_sentence(pilot):
    (rows,) = pilot.folder.glob("*.parquet")
    rows.write_bytes(b"PAR1 broken")
    with pytest.raises(PilotError, match="damaged"):
        pilot.connect()
    rows.unlink()
    with pytest.raises(PilotError, match="damaged"):
        pilot.connect()
    (rejects,) = pilot.folder.glob("*.rejects.jsonl")
    rejects.write_bytes(b"broken\n")
    with pytest.raises(PilotError, match=r"rejected lines of o\.jsonl cannot be read"):
        list(pilot.rejects())


def test_removing_a_file_removes_all_that_was_kept_of_it(pilot, log):
    (second,) = ingest_files(pilot, [log("p.jsonl", start=50)])
    first, fingerprint = pilot.files[0], pilot.fingerprint
    for counts in ("old", ".being-made"):
        (pilot.folder / "counts" / counts).mkdir(parents=True)
    assert pilot.remove_file(first.hash) == first
    assert pilot.files == (second.file,)
    assert pilot.fingerprint != fingerprint
    assert not list(pilot.folder.glob(f"*{first.hash.removeprefix('blake3:')}*"))
    assert names(pilot.folder / "counts") == {".being-made"}
    assert {reject.file for reject in pilot.rejects()} == {"p.jsonl"}
    with pilot.connect() as connection:
        assert connection.sql("SELECT min(request_id) FROM outcomes").fetchall() == [("req-50",)]
    with pytest.raises(UnknownNameError, match="Unknown file"):
        pilot.remove_file(first.hash)
    assert ingest_files(pilot, [log()])[0].added


def test_the_fingerprint_follows_content_and_order_not_names(tmp_path, pilot, log):
    other = Pilot.create_or_open(tmp_path / "other")
    assert other.fingerprint != pilot.fingerprint
    ingest_files(other, [log("renamed.jsonl")])
    assert other.fingerprint == pilot.fingerprint


def test_deleting_a_pilot(tmp_path):
    pilot = Pilot.create_or_open(pilot_folder(tmp_path, "shop"))
    (tmp_path / "pilots" / ".deleted-cut-off").mkdir()
    pilot.delete()
    assert list((tmp_path / "pilots").iterdir()) == []
    with pytest.raises(PilotError, match="The pilot shop is no longer there"):
        _ = pilot.files
    with pytest.raises(PilotError, match="The pilot shop"):
        pilot.delete()


def test_a_pilot_that_is_written_is_not_deleted(pilot):
    with pilot.writing(), pytest.raises(PilotError, match="is being written"), pilot.writing(0):
        pass
    assert len(pilot.files) == 1


def test_a_writer_sweeps_what_killed_ones_left(pilot):
    for name in ("work-0123abcd", "spill-999999999-0a0b0c0d", f"spill-{os.getpid()}-0a0b0c0d"):
        (pilot.folder / name).mkdir()
        (pilot.folder / name / "piece").write_text("x")
    (pilot.folder / f"{'0' * 64}.parquet").write_text("x")
    (pilot.folder / "manifest.json.new").write_text("{")
    (pilot.folder / "notes of a person").write_text("x")
    kept = names(pilot.folder)
    with pilot.writing():
        pass
    gone = kept - names(pilot.folder)
    assert gone == {
        "work-0123abcd",
        "spill-999999999-0a0b0c0d",
        f"{'0' * 64}.parquet",
        "manifest.json.new",
    }


def test_a_temporary_pilot_is_gone_afterwards():
    with temporary_pilot() as pilot:
        folder = pilot.folder
        assert folder.is_dir()
    assert not folder.parent.exists()


def test_an_empty_pilot_has_every_table_with_the_columns_of_its_contract(tmp_path, pilot):
    empty = Pilot.create_or_open(tmp_path / "empty")
    with empty.connect() as bare, pilot.connect() as filled:
        for contract in CONTRACTS.values():
            names = [field.name for field in contract.fields] + ["file_no", "row_no"]
            assert bare.table(contract.table).columns == names == filled.table(contract.table).columns
            assert bare.table(contract.table).types == filled.table(contract.table).types


@pytest.fixture
def secret(tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    return tmp_path / "secret.csv"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{root}/secret.csv')",
        "SELECT * FROM read_text('{pilot}/../secret.csv')",
        "SELECT * FROM read_csv('{pilot}/link.csv')",
        "SELECT * FROM '{pilot}/link.csv'",
        "SELECT * FROM glob('{root}/*')",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "COPY exposures TO '{root}/out.csv'",
        "COPY exposures TO '{pilot}/../out.csv'",
        "ATTACH '{root}/other.db'",
        "EXPORT DATABASE '{root}/export'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET lock_configuration = false",
        "SET memory_limit = '64GB'",
        "CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
    ],
)
def test_a_connection_reaches_nothing_outside_its_folder(pilot, secret, statement):
    (pilot.folder / "link.csv").symlink_to(secret)
    before = names(secret.parent)
    with pilot.connect() as connection, pytest.raises(duckdb.Error):
        connection.execute(statement.format(root=secret.parent, pilot=pilot.folder)).fetchall()
    assert names(secret.parent) == before


def test_python_variables_are_no_tables(pilot):
    variable = duckdb.sql("SELECT 1 AS a")  # noqa: F841 - must not be found by its name
    with pilot.connect() as connection, pytest.raises(duckdb.CatalogException):
        connection.execute("SELECT * FROM variable")


def test_a_connection_writes_where_it_was_allowed_to(pilot, tmp_path):
    allowed = tmp_path / "al[l]owed'"
    allowed.mkdir()
    with pilot.connect(directories=[allowed], memory_limit="500MB", threads=1) as connection:
        connection.table("outcomes").write_parquet(str(allowed / "rows.parquet"))
        settings = connection.sql("SELECT current_setting('threads'), current_setting('TimeZone')").fetchall()
    assert settings == [(1, "UTC")]
    assert (allowed / "rows.parquet").is_file()


def test_a_file_that_is_removed_while_it_is_opened(pilot, log, monkeypatch):
    """The first reading fails, the manifest has changed meanwhile, the second reading is right."""
    ingest_files(pilot, [log("p.jsonl", start=50)])
    opened, first = tables.connect, pilot.files[0]

    def removing(folder, files, **settings):
        monkeypatch.setattr(tables, "connect", opened)
        pilot.remove_file(first.hash)
        return opened(folder, files, **settings)

    monkeypatch.setattr(tables, "connect", removing)
    with pilot.connect() as connection:
        assert connection.sql("SELECT count(*) FROM outcomes").fetchall() == [(5,)]
