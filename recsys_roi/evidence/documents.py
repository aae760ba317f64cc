"""Documents that came with the logs, as evidence."""

from __future__ import annotations

from recsys_roi.evidence.drift_facts import Artifact
from recsys_roi.evidence.reported import Reported, ReportedArm, ReportedMetric
from recsys_roi.logs.documents import ArtifactManifest
from recsys_roi.logs.evaluation_reports import EvaluationReport


def artifact_of(manifest: ArtifactManifest) -> Artifact:
    """One update of the recommender's artifacts."""
    return Artifact(
        tenant=manifest.tenant,
        surface=manifest.surface,
        version=manifest.version,
        updated_at=manifest.updated_at,
    )


def reported_of(report: EvaluationReport) -> Reported:
    """One report of recsys-eval."""
    arms = tuple(
        ReportedArm(
            variant=arm.variant,
            requests=arm.exposures,
            clicks=arm.clicks,
            conversions=arm.conversions,
            revenue=arm.revenue,
            p_values={
                test.metric: test.p_value for test in report.significance if test.variant == arm.variant
            },
        )
        for arm in report.variants
    )
    metrics = tuple(
        ReportedMetric(
            name=metric.name,
            value=metric.value,
            lower=None if metric.ci is None else metric.ci.lower,
            upper=None if metric.ci is None else metric.ci.upper,
            level=None if metric.ci is None else metric.ci.level,
        )
        for metric in report.metrics
    )
    return Reported(
        name=report.name,
        hash=report.hash,
        run_id=report.run_id,
        mode=report.mode,
        made_at=report.made_at,
        software=report.software,
        experiment=report.experiment,
        arms=arms,
        metrics=metrics,
    )
