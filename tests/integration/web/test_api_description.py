"""The interface keeps to its description, whatever it is sent: requests are made up from the document itself."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from monitor.web.api import routes
from monitor.web.openapi import describe
from monitor.web.operations import OPERATIONS, Operation
from tests.integration.web.api_site import ApiSite

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
NAMES = [operation.name for operation in OPERATIONS]


def strict(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with answers that hold nothing beyond it: what is answered is described."""
    closed = deepcopy(document)
    for schema in closed["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return closed


SCHEMA = schemathesis.openapi.from_dict(strict(describe()))


class Running:
    """A served site, and a session of somebody who may do everything."""

    def __init__(self, site: ApiSite, address: str) -> None:
        self.site, self.address = site, address
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {site.key('root')}"

    def numbers(self, subject: str) -> list[int]:
        """Return numbers that are known, and one that is not."""
        site = self.site
        known = {
            "case": [site.first, site.second, site.grave, site.foreign, *site.members],
            "incident": [site.incident],
            "silence": [1],
            "sample": [site.sample],
        }
        return [*known[subject], 2**63 - 1]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    site = ApiSite(tmp_path_factory.mktemp("api"))
    with site.served() as address:
        known = Running(site, address)
        yield known
        known.session.close()
    site.close()


def operation_of(operation: Operation) -> Any:
    return SCHEMA[operation.path][operation.method]


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_what_is_described_is_answered_as_described(operation: Operation, running: Running) -> None:
    @settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation_of(operation).as_strategy(GenerationMode.POSITIVE), data=st.data())
    def check(case: schemathesis.Case, data: st.DataObject) -> None:
        if operation.subject:
            case.path_parameters[operation.subject] = data.draw(st.sampled_from(running.numbers(operation.subject)))
        case.call_and_validate(base_url=running.address, session=running.session, checks=CHECKS)

    check()


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.body or one.query.model_fields],
                         ids=lambda one: one.name)  # fmt: skip
def test_what_is_not_described_is_refused(operation: Operation, running: Running) -> None:
    @settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation_of(operation).as_strategy(GenerationMode.NEGATIVE))
    def check(case: schemathesis.Case) -> None:
        checks = [*CHECKS, negative_data_rejection]
        case.call_and_validate(base_url=running.address, session=running.session, checks=checks)

    check()


def test_every_route_is_described_and_nothing_else(running: Running) -> None:
    served = {(route.path, method) for route in routes(running.site.site)[:-1] for method in route.methods or ()}
    described = {
        (path, method.upper())
        for path, methods in describe()["paths"].items()
        if path.startswith("/api/v1/")
        for method in methods
    }
    assert {pair for pair in served if pair[1] != "HEAD"} == described


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = describe()
    schemas = document["components"]["schemas"]

    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from ([part["$ref"]] if isinstance(part.get("$ref"), str) else [])
            for value in part.values():
                yield from references(value)
        elif isinstance(part, list):
            for value in part:
                yield from references(value)

    named = {name.rpartition("/")[2] for name in references(document)}
    assert named <= {*schemas, *document["components"]["responses"]}
    SCHEMA.validate()


def test_operations_have_names_of_their_own() -> None:
    assert len(set(NAMES)) == len(NAMES)
