"""Hot tables are vacuumed and analyzed by what a night changes, not by a fifth of the book (ADR 0026)."""

from django.db import migrations

# A usual night moves 2-3 % of the receivables and about a seventh of the cases, none of them HOT: the date that finds
# them is indexed. Their dead index entries lie where the next night begins to read. Measured at 200,000 receivables,
# nights without a vacuum (by the defaults the first comes after ten): looking for what is due 14, 18, 21, 34, 56, 59,
# 64, 78, 73, 129 ms; with one after each night 7-12 ms throughout. ANALYZE alone changes nothing of it. One
# vacuum with ANALYZE took 0.9 s.
# Ledger and transitions are only added to; their last days must be known to the planner before a tenth is new.
PARAMETERS = {
    "receivable": {"autovacuum_vacuum_scale_factor": 0.01, "autovacuum_analyze_scale_factor": 0.01},
    "case": {"autovacuum_vacuum_scale_factor": 0.02, "autovacuum_analyze_scale_factor": 0.02},
    "ledgerentry": {"autovacuum_vacuum_insert_scale_factor": 0.05, "autovacuum_analyze_scale_factor": 0.02},
    "stagetransition": {"autovacuum_vacuum_insert_scale_factor": 0.05, "autovacuum_analyze_scale_factor": 0.02},
    "task": {"autovacuum_vacuum_scale_factor": 0.05, "autovacuum_analyze_scale_factor": 0.02},
}


def _sql(table: str, parameters: dict[str, float]) -> migrations.RunSQL:
    told = ", ".join(f"{name} = {value}" for name, value in parameters.items())
    return migrations.RunSQL(
        f"ALTER TABLE collections_app_{table} SET ({told})",
        f"ALTER TABLE collections_app_{table} RESET ({', '.join(parameters)})",
    )


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0041_what_stages_ask_for")]

    operations = [_sql(table, parameters) for table, parameters in PARAMETERS.items()]
