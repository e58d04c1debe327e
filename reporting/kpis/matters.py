"""What people told us: in time, answered, solved, satisfied (CX-20, CX-21, CR-07).

Each by the matters received in the period, as they stood at its moment; a matter that is still within its time has not
been late, and is not counted before it is decided.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from complaints.models import Matter
from reporting.kpis.base import Family, Kpi, Side, Unit

# The first answer counts; one of a later level is another. ``late`` and ``in_time`` are of the clocks of the complaint,
# each as its last move that was recorded by then left it; a clock that was called off says nothing.
_FACTS = f"""
SELECT 'matter' AS what, m.id, m.reference, m.kind, '' AS currency, m.received_at, k.due_at, w.at AS answered_at,
       coalesce(v.to_stage = 'CLOSED', false) AS closed, coalesce(k.late, false) AS late,
       coalesce(k.met AND NOT k.late AND NOT k.runs, false) AS in_time, NULL::int AS score,
       w.at <= m.received_at + interval '24 hours' AS within_day,
       m.received_at + interval '24 hours' < %(moment)s AS day_over,
       extract(epoch FROM w.at - m.received_at) / 86400 AS answer_days
FROM complaints_matter m
CROSS JOIN LATERAL (
    SELECT CASE WHEN t.at <= %(moment)s THEN t.at END AS at FROM (
        SELECT least(m.answered_at, min(r.decided_at)) AS at FROM complaints_matterround r WHERE r.matter_id = m.id
    ) t
) w
LEFT JOIN LATERAL (
    SELECT to_stage FROM complaints_mattermove WHERE matter_id = m.id AND at <= %(moment)s ORDER BY id DESC LIMIT 1
) v ON true
LEFT JOIN LATERAL (
    SELECT bool_or(e.move = 'MET' AND e.at <= e.due_at) AS met, min(e.due_at) AS due_at,
           bool_or(e.state = 'LATE' OR e.state = 'RUNNING' AND e.due_at < %(moment)s
                   OR e.state = 'MET' AND e.at > e.due_at) AS late,
           bool_or(e.state = 'PAUSED' OR e.state = 'RUNNING' AND e.due_at >= %(moment)s) AS runs
    FROM common_clock c
    CROSS JOIN LATERAL (
        SELECT x.* FROM common_clockevent x
        WHERE x.clock_id = c.id AND x.recorded_at <= %(moment)s ORDER BY x.number DESC LIMIT 1
    ) e
    WHERE c.subject_type = '{Matter._meta.label}' AND c.subject_id = m.id AND c.kind = 'COMPLAINT'
      AND c.code <> 'ROUTING' AND e.state <> 'CANCELLED'
) k ON m.kind = 'COMPLAINT'
WHERE m.client_id = %(client_id)s AND m.received_at >= %(starts)s AND m.received_at < %(ends)s
  AND m.received_at <= %(moment)s
UNION ALL
SELECT 'rating', r.id, m.reference, m.kind, '', m.received_at, NULL, r.rated_at, true, false, false, r.score,
       NULL, NULL, NULL
FROM complaints_rating r JOIN complaints_matter m ON m.id = r.matter_id
WHERE m.client_id = %(client_id)s AND r.score IS NOT NULL AND r.rated_at >= %(starts)s AND r.rated_at < %(ends)s
  AND r.rated_at <= %(moment)s
"""
_MATTER = "what = 'matter'"
_ANSWERED = f"{_MATTER} AND answered_at IS NOT NULL"
_DECIDED = f"{_MATTER} AND kind = 'COMPLAINT' AND (late OR in_time)"
_ENQUIRY = f"{_MATTER} AND kind <> 'COMPLAINT' AND (within_day OR day_over)"

FAMILY = Family(
    code="matters",
    name=_("Complaints and enquiries"),
    facts=_FACTS,
    columns=(
        "what",
        "reference",
        "kind",
        "received_at",
        "due_at",
        "answered_at",
        "answer_days",
        "closed",
        "late",
        "in_time",
        "score",
    ),
    order='received_at, reference COLLATE "C", what',
    kpis=(
        Kpi(
            code="COMPLAINTS_IN_TIME",
            name=_("Complaints within their time"),
            formula=_(
                "Complaints received in the period answered and closed by their deadlines ÷ these and those past one"
            ),
            unit=Unit.RATIO,
            over=Side(where=f"{_DECIDED} AND NOT late"),
            under=Side(where=_DECIDED),
        ),
        Kpi(
            code="ENQUIRIES_24H",
            name=_("Enquiries answered within 24 hours"),
            formula=_(
                "Enquiries and comments received in the period and answered within 24 hours ÷ these and all older than "
                "24 hours"
            ),
            unit=Unit.RATIO,
            over=Side(where=f"{_ENQUIRY} AND within_day"),
            under=Side(where=_ENQUIRY),
        ),
        Kpi(
            code="RESPONSE_RATE",
            name=_("Response rate"),
            formula=_("Matters received in the period that were answered ÷ all received in it"),
            unit=Unit.RATIO,
            over=Side(where=_ANSWERED),
            under=Side(where=_MATTER),
        ),
        Kpi(
            code="RESPONSE_DAYS",
            name=_("Response time"),
            formula=_("Days from receipt to the first answer ÷ matters received in the period that were answered"),
            unit=Unit.DAYS,
            over=Side(where=_ANSWERED, sum="answer_days"),
            under=Side(where=_ANSWERED),
        ),
        Kpi(
            code="RESOLUTION_RATE",
            name=_("Resolution rate"),
            formula=_("Matters received in the period that are closed ÷ all received in it"),
            unit=Unit.RATIO,
            over=Side(where=f"{_MATTER} AND closed"),
            under=Side(where=_MATTER),
        ),
        Kpi(
            code="SATISFACTION",
            name=_("Satisfaction"),
            formula=_("Ratings of 4 or 5 of 5 ÷ all ratings given in the period"),
            unit=Unit.RATIO,
            over=Side(where="what = 'rating' AND score >= 4"),
            under=Side(where="what = 'rating'"),
        ),
    ),
)
