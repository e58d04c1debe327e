"""The audit chain: sealed, verified, tampered with as only the owner of the tables can, anchored, exported."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, connections, transaction
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Team
from accounts.services.users import team_save
from common import anchors, audit, clock
from common.access import apply_database_access
from common.audit import Actor, record
from common.audit_export import export, export_verify
from common.models import AuditAnchor, AuditEvent, AuditSeal
from tests.world import ACTOR, make_client, make_team

VALUES = st.one_of(st.text(), st.integers(), st.decimals(allow_nan=False), st.dates(), st.none(), st.booleans())


def events(count: int, *, client_id: int | None = None) -> None:
    for number in range(count):
        with transaction.atomic():
            record(actor=ACTOR, action="test.done", subject_type="test", subject_id=number, client_id=client_id,
                   body={"n": number, "على": "نص"})  # fmt: skip


def verified(*arguments: str) -> tuple[int, str]:
    """What the command answers: its exit code and its words."""
    said = io.StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=said)
    except SystemExit as stopped:
        return int(str(stopped.code)), said.getvalue()
    return 0, said.getvalue()


def owner(*statements: str) -> None:
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.django_db
class TestRecording:
    def test_outside_a_transaction_nothing_is_recorded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(RuntimeError, match="inside the transaction"):
            connection.in_atomic_block, kept = False, connection.in_atomic_block
            try:
                record(actor=ACTOR, action="test.done")
            finally:
                connection.in_atomic_block = kept

    def test_a_set_clock_is_told(self) -> None:
        with clock.at(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)):
            make_team()
        assert AuditEvent.objects.get().body["clock"] == "set"

    @settings(deadline=None, max_examples=60)
    @given(st.dictionaries(st.text(max_size=8), VALUES, max_size=5))
    def test_what_was_written_is_what_is_read(self, body: dict[str, Any]) -> None:
        body = {key.replace("\0", ""): value.replace("\0", "") if isinstance(value, str) else value
                for key, value in body.items()}  # fmt: skip
        event = record(actor=ACTOR, action="test.done", body=body)
        read = AuditEvent.objects.get(pk=event.pk)
        assert audit.body_digest(salt=bytes(read.salt), body=read.body) == bytes(read.digest)


@pytest.mark.django_db(transaction=True)
def test_an_act_that_cannot_be_recorded_does_not_happen() -> None:
    owner("REVOKE INSERT ON common_auditevent FROM mithaq_app")
    try:
        with pytest.raises(ProgrammingError, match="permission denied"):
            team_save(actor=ACTOR, team=None, name_ar="فريق", name_en="Team")
    finally:
        apply_database_access(using=connections["owner"])
    assert not Team.objects.exists()
    assert team_save(actor=ACTOR, team=None, name_ar="فريق", name_en="Team").pk


TAMPERINGS: dict[str, tuple[list[str], int, str]] = {
    "a body": (["UPDATE common_auditevent SET body = '{\"n\": 99}' WHERE id = {3}"], 3, "body"),
    "a salt": (["UPDATE common_auditevent SET salt = decode(repeat('00', 16), 'hex') WHERE id = {3}"], 3, "body"),
    "a digest": (["UPDATE common_auditevent SET digest = decode(repeat('00', 32), 'hex') WHERE id = {3}"], 3, "body"),
    "when": (["UPDATE common_auditevent SET at = at - interval '1 microsecond' WHERE id = {4}"], 4, "column"),
    "who": (["UPDATE common_auditevent SET actor_name = 'nobody' WHERE id = {2}"], 2, "column"),
    "who by number": (["UPDATE common_auditevent SET actor_id = 7 WHERE id = {2}"], 2, "column"),
    "what": (["UPDATE common_auditevent SET action = 'test.undone' WHERE id = {5}"], 5, "column"),
    "of what": (["UPDATE common_auditevent SET subject_id = 8 WHERE id = {5}"], 5, "column"),
    "whose": (["UPDATE common_auditevent SET client_id = 8 WHERE id = {1}"], 1, "column"),
    "when it was sealed": (["UPDATE common_auditseal SET sealed_at = sealed_at - interval '1 day' WHERE seq = 4"], 4,
                           "column"),
    "a hash": (["UPDATE common_auditseal SET hash = decode(repeat('00', 32), 'hex') WHERE seq = 4"], 4, "column"),
    "the hash before": (["UPDATE common_auditseal SET previous_hash = hash WHERE seq = 4"], 4, "column"),
    "a link taken out": (["DELETE FROM common_auditseal WHERE seq = 4"], 4, "missing"),
    "a link and its event taken out": (["DELETE FROM common_auditseal WHERE seq = 2",
                                        "DELETE FROM common_auditevent WHERE id = {2}"], 2, "missing"),
    "the numbers closed up after it": (["DELETE FROM common_auditseal WHERE seq = 3",
                                        "UPDATE common_auditseal SET seq = seq - 1 WHERE seq > 3"], 3, "column"),
    "two swapped": (["UPDATE common_auditseal SET seq = 100 WHERE seq = 2",
                     "UPDATE common_auditseal SET seq = 2 WHERE seq = 3",
                     "UPDATE common_auditseal SET seq = 3 WHERE seq = 100"], 2, "column"),
    "two events swapped": (["UPDATE common_auditevent SET subject_id = 1 - subject_id WHERE id IN ({1}, {2})"], 1,
                           "column"),
    "a link put in": (["INSERT INTO common_auditevent (at, actor_kind, actor_name, action, subject_type, body, salt,"
                       " digest) VALUES (now(), 'SYSTEM', 'x', 'test.forged', '', '{}', '', sha256('{}'))",
                       "INSERT INTO common_auditseal (seq, event_id, previous_hash, hash, sealed_at) SELECT 7,"
                       " (SELECT max(id) FROM common_auditevent), hash, sha256('x'), now() FROM common_auditseal"
                       " WHERE seq = 6"], 7, "column"),
    "an event put in without its digest": (
        ["INSERT INTO common_auditevent (at, actor_kind, actor_name, action, subject_type, body, salt, digest)"
         " VALUES (now(), 'SYSTEM', 'x', 'test.forged', '', '{}', '', '')"], 7, "body"),
}  # fmt: skip


def _named(statement: str, ids: dict[int, int]) -> str:
    """A statement with {n} for the event of link n."""
    return re.sub(r"\{(\d)\}", lambda found: str(ids[int(found[1])]), statement)


@pytest.mark.django_db(transaction=True)
class TestTampering:
    @pytest.mark.requirement("DC-07")
    def test_the_first_bad_row_is_named(self) -> None:
        for what, (statements, bad, reason) in TAMPERINGS.items():
            owner("TRUNCATE common_auditseal, common_auditevent")
            events(6)
            assert verified()[0] == 0
            ids = dict(AuditSeal.objects.values_list("seq", "event_id"))
            owner(*(_named(statement, ids) for statement in statements))
            code, said = verified()
            assert code == 1, what
            assert f"Link {bad} " in said, f"{what}: {said}"
            assert reason in said, f"{what}: {said}"
            answer = json.loads(verified("--json")[1])
            assert (answer["ok"], answer["bad_seq"]) == (False, bad), what

    def test_an_event_taken_out_from_under_its_link_is_missed(self) -> None:
        events(4)
        audit.seal()
        third = AuditSeal.objects.get(seq=3).event_id
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT conname FROM pg_constraint WHERE conrelid = 'common_auditseal'::regclass"
                           " AND contype = 'f'")  # fmt: skip
            name = cursor.fetchone()[0]
            cursor.execute(f"ALTER TABLE common_auditseal DROP CONSTRAINT {name}")
            cursor.execute("DELETE FROM common_auditevent WHERE id = %s", [third])
        code, said = verified()
        owner(
            "TRUNCATE common_auditseal, common_auditevent",
            f"ALTER TABLE common_auditseal ADD CONSTRAINT {name} FOREIGN KEY (event_id)"
            " REFERENCES common_auditevent (id) DEFERRABLE INITIALLY DEFERRED",
        )
        assert code == 1
        assert "Link 3 does not hold: a row is missing. 2 links" in said

    def test_the_application_itself_cannot_tamper(self) -> None:
        events(1)
        audit.seal()
        for statement in ("UPDATE common_auditevent SET action = ''", "DELETE FROM common_auditseal"):
            with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
                cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
class TestSealing:
    def _in_thread(self, work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def test_sealers_at_once_seal_each_event_once(self) -> None:
        events(60)
        sealed: list[int] = []
        writers = [self._in_thread(lambda: events(20)) for _ in range(2)]
        sealers = [self._in_thread(lambda: sealed.append(sum(audit.seal() for _ in range(5)))) for _ in range(3)]
        for thread in (*writers, *sealers):
            thread.join()
        sealed.append(audit.seal())
        assert sum(sealed) == AuditEvent.objects.count() == AuditSeal.objects.count() == 100
        assert audit.verify().ok

    def test_a_transaction_open_at_seal_time_is_sealed_later_and_not_lost(self) -> None:
        written, go_on = threading.Event(), threading.Event()

        def slow() -> None:
            with transaction.atomic():
                record(actor=Actor.system("slow"), action="test.slow")
                written.set()
                go_on.wait(10)

        thread = self._in_thread(slow)
        assert written.wait(10)
        events(1)  # a later id, committed first
        assert audit.seal() == 1
        go_on.set()
        thread.join()
        assert audit.seal() == 1
        late, early = AuditSeal.objects.select_related("event").order_by("-seq")
        assert (late.event.action, early.event.action) == ("test.slow", "test.done")
        assert late.event_id < early.event_id
        assert audit.verify().ok

    def test_nothing_new_means_nothing_sealed(self) -> None:
        assert audit.verify().checked == 0
        events(2)
        assert (audit.seal(), audit.seal()) == (2, 0)

    def test_what_was_rolled_back_leaves_no_hole(self) -> None:
        events(1)
        with pytest.raises(ValueError, match="no"), transaction.atomic():
            record(actor=ACTOR, action="test.undone")
            raise ValueError("no")
        events(1)
        audit.seal()
        assert list(AuditSeal.objects.values_list("seq", flat=True)) == [1, 2]
        assert audit.verify().ok


@pytest.mark.django_db(transaction=True)
class TestAnchors:
    def test_the_head_is_signed_once_and_holds(self) -> None:
        with pytest.raises(LookupError):
            anchors.anchor()
        events(3)
        first = anchors.anchor()
        assert (first.seq, first.hash) == (3, audit.head().hash)
        assert anchors.anchor() == first
        assert AuditAnchor.objects.count() == 1
        assert anchors.Anchor.parse(first.text) == first
        assert verified("--anchor")[1].endswith("1 anchors hold.\n")
        assert verified("--anchor", first.text)[0] == 0

    def test_a_chain_cut_at_its_end_is_found_out(self) -> None:
        events(5)
        kept = anchors.anchor()
        owner("DELETE FROM common_auditseal WHERE seq > 3",
              "DELETE FROM common_auditevent WHERE id NOT IN (SELECT event_id FROM common_auditseal)")  # fmt: skip
        assert verified()[0] == 0, "the chain alone cannot know"
        code, said = verified("--anchor")
        assert code == 1
        assert "anchor of link 5 does not hold" in said
        owner("DELETE FROM common_auditanchor")
        assert verified("--anchor")[0] == 0, "nor can who lost every anchor"
        assert verified("--anchor", kept.text)[0] == 1, "but the printed line knows"

    def test_a_chain_made_anew_as_a_whole_is_found_out(self) -> None:
        events(3)
        kept = anchors.anchor()
        owner("DELETE FROM common_auditseal", "UPDATE common_auditevent SET actor_name = 'somebody else'")
        assert verified()[0] == 0
        code, said = verified("--anchor", kept.text)
        assert code == 1
        assert "the chain says otherwise" in said

    def test_a_line_that_we_did_not_sign_is_refused(self) -> None:
        events(2)
        kept = anchors.anchor()
        word, seq, hash_, at, signature = kept.text.split()
        for forged in (
            f"{word} 1 {hash_} {at} {signature}",
            f"{word} {seq} {'0' * 64} {at} {signature}",
            f"{word} {seq} {hash_} 2001-01-01T00:00:00+00:00 {signature}",
            f"{word} {seq} {hash_} {at} {base64.b64encode(b'x' * 64).decode()}",
            f"{word} {seq} {hash_} {at} not-base64!",
        ):
            code, said = verified("--anchor", forged)
            assert code == 1
            assert "not signed with our key" in said
        with pytest.raises(CommandError, match="no anchor"):
            verified("--anchor", "something else")
        with override_settings(AUDIT_SIGNING_KEY=base64.b64encode(b"k" * 32).decode()):
            assert verified("--anchor", kept.text)[0] == 1

    def test_the_command_prints_the_line_and_the_public_key(self) -> None:
        with pytest.raises(CommandError):
            call_command("anchor_audit")
        events(1)
        said = io.StringIO()
        call_command("anchor_audit", stdout=said)
        call_command("anchor_audit", "--public-key", stdout=said)
        line, key = said.getvalue().splitlines()
        assert anchors.signed(anchor=anchors.Anchor.parse(line), key=key)


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("DC-07")
class TestExport:
    def _two(self) -> tuple[int, list[str]]:
        one, two = make_client("AAA"), make_client("BBB")
        events(3, client_id=one.pk)
        events(2, client_id=two.pk)
        events(1, client_id=one.pk)
        return one.pk, list(export(client_id=one.pk))

    def test_it_proves_its_own_rows_and_tells_nothing_of_the_others(self) -> None:
        client_id, lines = self._two()
        own = [json.loads(line) for line in lines[1:] if "body" in json.loads(line)]
        assert len(own) == AuditEvent.objects.filter(client_id=client_id).count() == 5
        assert len(lines) == 1 + AuditSeal.objects.count()
        assert "BBB" not in "".join(lines)
        verdict = export_verify(lines, key=anchors.public_key())
        assert (verdict.ok, verdict.checked) == (True, len(lines) - 1)

    def test_a_changed_a_left_out_and_a_foreign_row_are_found(self) -> None:
        _client, lines = self._two()
        at = next(n for n, line in enumerate(lines) if '"test.done"' in line)
        row = json.loads(lines[at])
        for change in ({"body": {"n": 5}}, {"action": "x"}, {"sealed_at": "2001-01-01T00:00:00+00:00"}):
            forged = [*lines[:at], json.dumps({**row, **change}), *lines[at + 1 :]]
            assert not export_verify(forged).ok
        assert not export_verify(lines[:at] + lines[at + 1 :]).ok
        assert not export_verify(lines[:-1]).ok
        assert not export_verify(lines, key=base64.b64encode(b"k" * 32).decode()).ok

    def test_the_command_writes_and_verifies_a_file(self, tmp_path: Path) -> None:
        client_id, _lines = self._two()
        path, said = tmp_path / "aaa.jsonl", io.StringIO()
        call_command("audit_export", "--client-id", str(client_id), "--out", str(path))
        call_command("audit_export", "--verify", str(path), stdout=said)
        assert "links hold" in said.getvalue()
        path.write_text(path.read_text().replace("test.done", "test.dine", 1))
        with pytest.raises(SystemExit):
            call_command("audit_export", "--verify", str(path), stdout=said)
