"""Documents that are given with the logs and kept whole: artifact manifests, reports of recsys-eval."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from recsys_roi.errors import LogError
from recsys_roi.logs.evaluation_reports import REPORT, EvaluationReport, ReportKind, is_report, read_report

ManifestKind = Literal["manifest.v1"]
MANIFEST: ManifestKind = "manifest.v1"
DocumentKind = ManifestKind | ReportKind
TITLES: Mapping[DocumentKind, str] = {
    MANIFEST: "an artifact manifest (manifest.v1)",
    REPORT: "a report of recsys-eval (report.v1)",
}

_BYTES = 16 * 2**20  # of a manifest; it lists some artifacts


class ArtifactManifest(BaseModel):
    """What is kept of a manifest, for the freshness check; the artifacts themselves are not read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str  # base name of the file, for people
    hash: Annotated[str, Field(pattern="^blake3:[0-9a-f]{64}$")]
    kind: ManifestKind = MANIFEST
    tenant: str
    surface: str  # empty where the manifest names none
    version: str
    updated_at: AwareDatetime  # UTC; the later of created_at and updated_at
    artifacts: int  # how many it lists

    @property
    def said(self) -> str:
        """What became of it, for people."""
        return (
            f"an artifact manifest ({self.kind}), kept for the freshness check: "
            f"last updated {self.updated_at:%Y-%m-%d %H:%M} UTC"
        )

    @property
    def noted(self) -> str:
        """What it says, in a table of files."""
        return f"Artifacts last updated {self.updated_at:%Y-%m-%d %H:%M} UTC."


class _Given(BaseModel):
    """A manifest as pipelines write it, newer and older names; keys we do not use are allowed."""

    tenant: str = Field(validation_alias=AliasChoices("tenant_id", "tenant"))
    surface: str = ""
    version: str | int = Field("", validation_alias=AliasChoices("version", "v"))
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    artifacts: list[Any] | dict[str, Any] = Field(validation_alias=AliasChoices("artifacts", "current"))


Document = ArtifactManifest | EvaluationReport


def document_kind(keys: Collection[str]) -> DocumentKind | None:
    """Which document an object with these keys is; None: neither."""
    if is_report(keys):
        return REPORT
    return MANIFEST if is_manifest(keys) else None


def read_document(kind: DocumentKind, path: Path, name: str, file_hash: str) -> Document:
    """The document of that kind at `path`; LogError when it does not say what it should."""
    return (read_report if kind == REPORT else read_manifest)(path, name, file_hash)


def is_manifest(keys: Collection[str]) -> bool:
    """Whether an object with these keys is an artifact manifest."""
    return all(
        not names.isdisjoint(keys)
        for names in ({"tenant_id", "tenant"}, {"artifacts", "current"}, {"created_at", "updated_at"})
    )


def read_manifest(path: Path, name: str, file_hash: str) -> ArtifactManifest:
    """The manifest at `path`; LogError with the field at fault when it does not say what it should."""
    with path.open("rb") as file:
        text = file.read(_BYTES).removeprefix(b"\xef\xbb\xbf")
    try:
        given = _Given.model_validate_json(text)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise LogError(
            name, f"looks like an artifact manifest (manifest.v1), but {where} is wrong: {first['msg']}."
        ) from problem
    moments = [moment for moment in (given.created_at, given.updated_at) if moment is not None]
    if not moments:
        raise LogError(
            name, "looks like an artifact manifest (manifest.v1), but has neither updated_at nor created_at."
        )
    return ArtifactManifest(
        name=name,
        hash=file_hash,
        tenant=given.tenant,
        surface=given.surface,
        version=str(given.version),
        updated_at=max(moments).astimezone(UTC),
        artifacts=len(given.artifacts),
    )
