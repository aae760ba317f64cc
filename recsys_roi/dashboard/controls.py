"""The inputs: six in the sidebar, all others on the page they belong to. Both write one scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import streamlit as st

from recsys_roi.dashboard import members, reviewing, state, steps, widgets
from recsys_roi.dashboard.showing import show
from recsys_roi.dashboard.text import plain
from recsys_roi.errors import AccessError
from recsys_roi.evidence.kpis import GUARDRAILS, KPIS
from recsys_roi.render import words
from recsys_roi.review.document import Experiment, Review
from recsys_roi.review.planning import PLAN_KPI
from recsys_roi.value.setting import Setting
from recsys_roi.value.settings import (
    KPIS_OF_NEW_USERS,
    NEW_USERS_SETTING,
    SETTINGS,
    TRAFFIC_SETTING,
    VALUE_SETTING,
)

HORIZON_SETTING = "horizon_months"
TRAFFIC_STOPS = (10_000.0, 1_000_000_000.0)
VALUE_STOPS = (0.01, 1000.0)
CHANGES_TOLD = 12
ELSEWHERE = frozenset({"economics_confirmed", "ranges"})  # they have their own place
PLAN_ONLY = frozenset({"baseline_kpi", "expected_lift", "expected_lift_sd"})


def sidebar() -> None:
    """Pilot, surface, KPI; eligible traffic, value per action, horizon; and the way back to Base."""
    with st.sidebar:
        pilot()
        review = reviewing.current_review().review
        _surface()
        _kpi(review)
        _sliders(review)
        _changes()


def pilot() -> None:
    """Which pilot this session looks at."""
    key = "side_pilot"
    show(key, state.pilot_name())
    st.selectbox("Pilot", state.known_pilots(), key=key, on_change=lambda: _choose(st.session_state[key]))
    members.signed_in()


def _choose(pilot: str) -> None:
    try:
        state.choose_pilot(pilot)
    except AccessError as problem:
        state.refuse(str(problem))


def _surface() -> None:
    names = reviewing.current_names()
    chosen = state.scenario()
    surfaces = names.surfaces.get(chosen.experiment or next(iter(names.experiments), ""), ())
    if surfaces:
        shown = chosen.surface or (surfaces[0] if len(surfaces) == 1 else None)
        widgets.chooser(SETTINGS["surface"], "side", surfaces, shown)


def _kpi(review: Review | None) -> None:
    measured = {kpi.id: kpi.status == "ok" for kpi in review.kpis} if review else {}
    shown = money_kpi(review)

    def text(kpi_id: str) -> str:
        name = words.capitalised(words.kpi_name(kpi_id))
        return name if measured.get(kpi_id, True) else f"{name} (cannot tell)"

    widgets.chooser(SETTINGS["kpi"], "side", tuple(KPIS), shown, label="KPI", text=text)


def _sliders(review: Review | None) -> None:
    chosen, base = state.scenario(), state.base()
    kpi = KPIS.get(money_kpi(review) or "")
    widgets.log_slider(
        SETTINGS[TRAFFIC_SETTING],
        chosen.eligible_requests_per_month,
        label="Eligible requests a month",
        stops=TRAFFIC_STOPS,
        also=base.eligible_requests_per_month,
        text=steps.exact_count,
    )
    if kpi is None or not kpi.is_money:
        action = kpi.action if kpi else "action"
        widgets.log_slider(
            SETTINGS[VALUE_SETTING],
            chosen.value_per_action,
            label=f"Value of one {action}",
            stops=VALUE_STOPS,
            also=base.value_per_action,
            text=lambda value: words.short_money(value, chosen.currency),
        )
    widgets.whole_slider(SETTINGS[HORIZON_SETTING], chosen.horizon_months, label="Horizon", suffix="months")


def money_kpi(review: Review | None) -> str | None:
    """The KPI that money is counted from; None while no review can be made and none was chosen."""
    if review is None:
        return state.scenario().kpi
    return review.primary.id if review.primary else state.scenario().kpi or PLAN_KPI


def _changes() -> None:
    """How far the scenario is from the pilot's own, and one step back."""
    changed = state.changes_from_base()
    if not changed:
        st.markdown(":small[No changes from Base]")
        return
    own, now = state.base(), state.scenario()
    told = [
        f"- {words.capitalised(words.setting_name(name))}: "
        f"{plain(words.setting_value(name, getattr(own, name), own.currency))} → "
        f"{plain(words.setting_value(name, getattr(now, name), now.currency))}"
        for name in changed[:CHANGES_TOLD]
    ]
    st.button(
        f"{words.counted(len(changed), 'change')} from Base - Reset",
        type="tertiary",
        icon=":material/undo:",
        key="side_reset",
        help="\n".join(told),
        on_click=state.reset,
    )


def setting(name: str) -> None:
    """The widget of one setting on a page."""
    chosen = state.scenario()
    widgets.field(SETTINGS[name], getattr(chosen, name), place="page", currency=chosen.currency)


def margin(guardrail_id: str) -> None:
    """The limit of one guardrail."""
    setting(GUARDRAILS[guardrail_id].margin_setting)


def settings_by_group(groups: Iterable[str], *, columns: int = 1) -> None:
    """The widgets of every setting of these groups that has an effect here, a bordered box a group."""
    plan_only = not state.current_pilot().files
    for group in groups:
        names = [
            found.name
            for found in SETTINGS.values()
            if found.group == group and _has_effect(found, plan_only=plan_only)
        ]
        if names:
            with st.container(border=True):
                st.markdown(f"## {words.capitalised(group)}")
                for row in _rows(names, columns):
                    for column, name in zip(
                        st.columns(columns, vertical_alignment="bottom"), row, strict=False
                    ):
                        with column:
                            setting(name)


def _rows(names: Sequence[str], columns: int) -> Iterator[Sequence[str]]:
    return (names[start : start + columns] for start in range(0, len(names), columns))


def _has_effect(found: Setting, *, plan_only: bool) -> bool:
    if found.name in ELSEWHERE:
        return False
    if found.name in PLAN_ONLY:
        return plan_only
    if found.name == NEW_USERS_SETTING:
        return money_kpi(reviewing.current_review().review) in KPIS_OF_NEW_USERS
    if found.name == VALUE_SETTING:
        kpi = KPIS.get(money_kpi(reviewing.current_review().review) or "")
        return kpi is None or not kpi.is_money
    if found.name.startswith("margin_"):
        return any(
            guardrail.margin_setting == found.name and guardrail.id in state.scenario().guardrails
            for guardrail in GUARDRAILS.values()
        )
    return True


def confirmation(review: Review) -> None:
    """A plain way to say that traffic, value and costs are right as they stand."""
    if review.roi.confirmed:
        return
    st.button(
        "These figures are right: confirm them",
        icon=":material/task_alt:",
        key="confirm_economics",
        help="Until traffic, value and costs are entered or confirmed, money decides nothing.",
        on_click=lambda: state.give(economics_confirmed=True),
    )


def comparison() -> None:
    """Which experiment and variants are compared; where the names leave doubt, this is where it ends."""
    names = reviewing.current_names()
    if not names.experiments:
        return
    chosen = state.scenario()
    experiment = chosen.experiment or (names.experiments[0] if len(names.experiments) == 1 else None)
    variants = names.variants.get(experiment or "", ())
    review = reviewing.current_review().review
    found = review.experiment if review else None
    columns = st.columns(3)
    with columns[0]:
        _experiment(names.experiments, experiment)
    with columns[1]:
        _variant("control", variants, chosen.control or (found.control if found else None))
    with columns[2]:
        _variant("candidate", variants, chosen.candidate or (found.candidate if found else None))
    if found is not None:
        with st.container(horizontal=True):
            _settle(found, in_doubt=words.doubtful_choice(review) is not None if review else False)


def _settle(found: Experiment, *, in_doubt: bool) -> None:
    """The pair as it stands, or turned round, in one step."""
    if in_doubt:
        st.button(
            "This is right",
            icon=":material/task_alt:",
            key="keep_variants",
            on_click=lambda: state.give(control=found.control, candidate=found.candidate),
        )
    st.button(
        "Swap control and candidate",
        icon=":material/swap_horiz:",
        key="swap_variants",
        on_click=lambda: state.give(control=found.candidate, candidate=found.control),
    )


def _experiment(experiments: tuple[str, ...], shown: str | None) -> None:
    """Another experiment has its own variants and surfaces, so those are chosen anew."""
    key = "page_experiment"
    show(key, shown if shown in experiments else None)
    st.selectbox(
        SETTINGS["experiment"].label,
        experiments,
        key=key,
        placeholder="Choose one",
        on_change=lambda: state.give(
            experiment=st.session_state[key], control=None, candidate=None, surface=None
        ),
    )


def _variant(role: str, variants: tuple[str, ...], shown: str | None) -> None:
    """Naming one arm of two names the other as well."""
    key = f"page_{role}"
    other = "candidate" if role == "control" else "control"
    show(key, shown if shown in variants else None)

    def take() -> None:
        name = st.session_state[key]
        rest = [variant for variant in variants if variant != name]
        given: dict[str, str | None] = {role: name}
        if len(rest) == 1:
            given[other] = rest[0]
        elif getattr(state.scenario(), other) == name:
            given[other] = None
        state.give(**given)

    st.selectbox(SETTINGS[role].label, variants, key=key, placeholder="Choose one", on_change=take)
