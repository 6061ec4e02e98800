"""The whole JSON API against its own OpenAPI document: right and wrong requests made from the document, sent to a running city.

Every answer must be one that the document knows: its status, its media type, its shape. Nothing may end in a 5xx. `make prove`
sends many more, and others every time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from haihe.base.settings import PROJECT
from tests.api.conftest import Api
from tests.conftest import PROVE

IS_LONG = bool(os.environ.get(PROVE))
RIGHT, WRONG = (400, 400) if IS_LONG else (20, 20)
"""How many requests are made for each operation, by whether they are as the document says."""
CHECKS: Any = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
METHODS = frozenset({"get", "post", "put", "patch", "delete"})
PARAMETER = re.compile(r"\{\w+\}")
KIND = re.compile(r":(?:str|int)\}")
ROUTE = re.compile(r'@(?:get|post|put|patch|delete)\(\s*f?"(/api/[^"]*)"')


@pytest.fixture(scope="module")
def schema(api: Api) -> Any:
    return schemathesis.openapi.from_dict(api.client.get("/api/openapi.json").json())


def operations(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        yield result.ok()


def faults(api: Api, operation: Any, mode: GenerationMode, how_many: int) -> Iterator[str]:
    """Send requests of one kind to one operation as a citizen of its own; tell the first fault in full."""
    headers = {"Authorization": f"Bearer {api.newcomer()}"}

    @settings(
        max_examples=how_many,
        deadline=None,
        database=None,
        derandomize=not IS_LONG,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        case.call_and_validate(base_url=str(api.client.base_url), headers=headers, checks=CHECKS)

    try:
        send()
    except Unsatisfiable:  # nothing of it can be wrong: it takes no parameter and no body
        assert mode is GenerationMode.NEGATIVE
    except BaseExceptionGroup as group:  # what the checks found; anything else is a defect of the test
        yield f"{operation.label}\n" + "\n".join(str(one) for one in group.exceptions)


@pytest.mark.timeout(3600 if IS_LONG else 300)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_every_operation_answers_as_its_document_says_and_never_with_a_fault_of_ours(
    api: Api, schema: Any, mode: GenerationMode
) -> None:
    how_many = RIGHT if mode is GenerationMode.POSITIVE else WRONG
    found = [fault for operation in operations(schema) for fault in faults(api, operation, mode, how_many)]
    assert not found, "\n\n".join(found)


def test_what_asks_for_a_token_says_so_and_refuses_without(api: Api) -> None:
    document = api.client.get("/api/openapi.json").json()
    asking = []
    for path, methods in document["paths"].items():
        for method in METHODS & methods.keys():
            if methods[method].get("security"):
                asking.append((method, path))
                assert "401" in methods[method]["responses"], (method, path)
                answer = api.client.request(method, PARAMETER.sub("1", path), json={})
                assert (answer.status_code, answer.json()["code"]) == (401, "token_missing"), (method, path)
    assert len(asking) > 10


def test_every_address_of_the_api_is_in_the_document(api: Api) -> None:
    """What is written and not described would be tested by nobody: the routes of the application are read from its sources."""
    document = api.client.get("/api/openapi.json").json()
    sources = [source.read_text(encoding="utf-8") for source in PROJECT.glob("haihe/**/*.py")]
    served = {KIND.sub("}", path) for text in sources for path in ROUTE.findall(text)}
    assert len(served) > 15
    assert served <= document["paths"].keys()


def test_an_answer_that_the_document_does_not_know_is_noticed(api: Api, schema: Any) -> None:
    operation = schema["/api/me"]["GET"]
    answer = api.client.get("/api/me", headers={"Authorization": f"Bearer {api.newcomer()}"})
    assert operation.is_valid_response(answer)
    odd = httpx.Response(200, json={**answer.json(), "balance": 5}, request=answer.request)
    odd.elapsed = timedelta()
    assert not operation.is_valid_response(odd)
