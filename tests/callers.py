"""A client's system at the API: what it sends, with the token it was given."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.test import Client as Browser

from accounts.models import User
from clients.models import Client, ServiceAccount, ServiceToken
from tests.world import a_keeper, a_system

ROOT = "/api/v1/"


@dataclass(kw_only=True)
class Caller:
    """One system of one client. No cookie is kept, no session begun."""

    client: Client
    keeper: User
    account: ServiceAccount
    token: ServiceToken
    text: str

    @classmethod
    def of(cls, client: Client, *, scopes: list[str] | None = None) -> Caller:
        keeper = a_keeper(client, name=f"{client.code.lower()}.keeper{uuid.uuid4().hex[:6]}")
        account, token, text = a_system(client, keeper=keeper, scopes=scopes, name=f"ERP {uuid.uuid4().hex[:6]}")
        return cls(client=client, keeper=keeper, account=account, token=token, text=text)

    def get(self, path: str, **query: Any) -> Any:
        return Browser(headers={"Authorization": f"Bearer {self.text}"}).get(ROOT + path, query)

    def post(self, path: str, body: Any, *, key: str | None = None, raw: bytes | None = None, **headers: str) -> Any:
        """Send a body under a key, a new one unless given; ``key=""`` sends none."""
        headers = {"Authorization": f"Bearer {self.text}", **headers}
        if key != "":
            headers["Idempotency-Key"] = key or uuid.uuid4().hex
        # As a browser that minds tokens of forms would send it: this one must need none.
        browser = Browser(headers=headers, enforce_csrf_checks=True)
        sent = json.dumps(body).encode() if raw is None else raw
        return browser.post(ROOT + path, sent, content_type="application/json")


def fields(answer: Any) -> dict[str, str]:
    """The fields that an answer names, each with its code; every one of them in both languages."""
    told = answer.json()
    assert told["message_ar"] != told["message_en"], told
    for error in told["errors"]:
        assert error["message_ar"] != error["message_en"], error
    return {error["field"]: error["code"] for error in told["errors"]}
