"""A record is handed to whoever proves to be its receiver; everybody else learns nothing, not even that there is one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from bot.web.app import create_app
from tests.web.asking import Down, House

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORD = '{"case": "amber-heron"}'
OURS = "d" * 26


def get(
    path: str, headers: Mapping[str, str] | None = None, *, down: bool = False, method: str = "GET"
) -> httpx.Response:
    async def fetch(delivery: str, given: Mapping[str, str]) -> str | None:
        if down:
            raise Down
        return RECORD if delivery == OURS and given.get("webhook-signature") == "v1,good" else None

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(House().doors(), records=fetch))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return await client.request(method, path, headers=dict(headers or {}))

    return asyncio.run(ask())


def test_the_receiver_gets_the_record_and_nothing_keeps_it() -> None:
    answer = get(f"/filing/{OURS}", {"Webhook-Signature": "v1,good"})
    assert (answer.status_code, answer.text) == (200, RECORD)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", [f"/filing/{OURS}", f"/filing/{'e' * 26}", f"/filing/{'x' * 3000}"])
def test_everybody_else_is_answered_alike(path: str) -> None:
    answer = get(path)
    assert (answer.status_code, answer.text) == (403, "")


def test_a_store_that_is_down_is_said_and_only_asking_is_taken() -> None:
    assert get(f"/filing/{OURS}", down=True).status_code == 503
    assert get(f"/filing/{OURS}", {"Webhook-Signature": "v1,good"}, method="POST").status_code == 405


def test_without_a_place_to_file_there_is_no_such_address() -> None:
    async def ask() -> int:
        transport = httpx.ASGITransport(create_app(House().doors()))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return (await client.get(f"/filing/{OURS}")).status_code

    assert asyncio.run(ask()) == 404
