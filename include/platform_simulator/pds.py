"""The routes of Bluesky's PLC directory, personal data server and picture server."""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from platform_simulator.dagcbor import cid_of_blob, cid_of_block, encode, to_json
from platform_simulator.media import CONTENT_TYPES, draw
from platform_simulator.repository import build_car, multikey, signing_key
from platform_simulator.simulator import Routes, Simulator, base_address
from platform_simulator.world import State
from platform_simulator.xrpc import find_actor, read_number, xrpc_error, xrpc_json


def resolve_handle(simulator: Simulator, request: Request) -> Response:
    """Answer com.atproto.identity.resolveHandle."""
    actor = find_actor(simulator.state(), request.query_params.get("handle", ""))
    return xrpc_json({"did": actor.native_id}) if actor else xrpc_error("InvalidRequest", "Unable to resolve handle")


def get_did_document(simulator: Simulator, request: Request) -> Response:
    """Answer a PLC directory's ``/{did}`` in its production form (Multikey)."""
    did = f"did:plc:{request.path_params['plc']}"
    # The directory knows of no closing: it goes on naming the host of an account that has left it.
    actor = simulator.world.actors.get(did)
    if actor is None or actor.created > simulator.clock.now():
        return xrpc_json({"message": f"DID not registered: {did}"}, 404)
    context = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
    key = multikey(signing_key(simulator.scenario.seed, did))
    method = {"id": f"{did}#atproto", "type": "Multikey", "controller": did, "publicKeyMultibase": key}
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": base_address(request)}
    document = {
        "@context": [*context, "https://w3id.org/security/suites/secp256k1-2019/v1"],
        "id": did,
        "alsoKnownAs": [f"at://{actor.handle}"],
        "verificationMethod": [method],
        "service": [service],
    }
    return JSONResponse(document, media_type="application/did+ld+json; charset=utf-8")


def get_repo(simulator: Simulator, request: Request) -> Response:
    """Answer com.atproto.sync.getRepo with a signed CAR of the account's records."""
    state, did = simulator.state(), request.query_params.get("did", "")
    actor = find_actor(state, did)
    if actor is None:
        return _limited(_no_repo(state, did))
    revision = simulator.records.revision(actor, state)
    car = simulator.repositories.get((did, revision))
    if car is None:
        records = simulator.records.of_repository(actor, state)
        car = build_car(did, revision, records, signing_key(simulator.scenario.seed, did))
        simulator.repositories[did, revision] = car
    return _limited(Response(car, media_type="application/vnd.ipld.car"))


def get_repo_status(simulator: Simulator, request: Request) -> Response:
    """Answer com.atproto.sync.getRepoStatus."""
    state, did = simulator.state(), request.query_params.get("did", "")
    actor = find_actor(state, did)
    if actor is not None:
        return _limited(xrpc_json({"did": did, "active": True, "rev": simulator.records.revision(actor, state)}))
    standing = _standing(state, did)
    if standing in ("deactivated", "takendown"):
        return _limited(xrpc_json({"did": did, "active": False, "status": standing}))
    return _limited(xrpc_error("RepoNotFound", f"Could not find repo for DID: {did}"))


def _standing(state: State, did: str) -> str:
    known = state.world.actors.get(did)
    return "deleted" if known is None or known.created > state.instant else known.standing(state.instant)


def _no_repo(state: State, did: str) -> Response:
    match _standing(state, did):
        case "deactivated":
            return xrpc_error("RepoDeactivated", f"Repo has been deactivated: {did}")
        case "takendown":
            return xrpc_error("RepoTakendown", f"Repo has been takendown: {did}")
        case _:
            return xrpc_error("RepoNotFound", f"Could not find repo for DID: {did}")


def get_record(simulator: Simulator, request: Request) -> Response:
    """Answer com.atproto.repo.getRecord: one record as the author's own host has it."""
    state, query = simulator.state(), request.query_params
    repo, path = query.get("repo", ""), f"{query.get('collection', '')}/{query.get('rkey', '')}"
    actor = find_actor(state, repo)
    if actor is None:
        return _limited(xrpc_error("InvalidRequest", f"Could not find repo: {repo}"))
    uri, record = f"at://{actor.native_id}/{path}", simulator.records.of_repository(actor, state).get(path)
    if record is None:
        return _limited(xrpc_error("RecordNotFound", f"Could not locate record: {uri}"))
    return _limited(xrpc_json({"uri": uri, "cid": str(cid_of_block(encode(record))), "value": to_json(record)}))


def list_records(simulator: Simulator, request: Request) -> Response:
    """Answer com.atproto.repo.listRecords: newest first; a page with records carries a cursor, as recorded."""
    state, query = simulator.state(), request.query_params
    actor = find_actor(state, query.get("repo", ""))
    if actor is None:
        return _limited(xrpc_error("InvalidRequest", f"Could not find repo: {query.get('repo', '')}"))
    prefix, before = f"{query.get('collection', '')}/", query.get("cursor")
    records = simulator.records.of_repository(actor, state)
    keys = sorted((path.removeprefix(prefix) for path in records if path.startswith(prefix)), reverse=True)
    keys = [key for key in keys if before is None or key < before][: read_number(request, "limit", 50, 100)]
    listed = []
    for key in keys:
        record = records[prefix + key]
        uri = f"at://{actor.native_id}/{prefix}{key}"
        listed.append({"uri": uri, "cid": str(cid_of_block(encode(record))), "value": to_json(record)})
    return _limited(xrpc_json({"records": listed, **({"cursor": keys[-1]} if keys else {})}))


def get_blob(simulator: Simulator, request: Request) -> Response:
    """Answer com.atproto.sync.getBlob."""
    found = _picture(simulator, request.query_params.get("cid", ""))
    return _limited(found or xrpc_error("BlobNotFound", "Blob not found"))


def get_image(simulator: Simulator, request: Request) -> Response:
    """Answer the AppView's picture addresses."""
    cid = request.path_params["cid"].partition("@")[0]
    return _picture(simulator, cid) or xrpc_error("NotFound", "Image not found", 404)


def _picture(simulator: Simulator, cid: str) -> Response | None:
    for name, medium in simulator.scenario.media.items():
        drawn = draw(name, medium)
        if not medium.missing and str(cid_of_blob(drawn)) == cid:
            return Response(drawn, media_type=CONTENT_TYPES[medium.kind])
    return None


def _limited(response: Response) -> Response:
    """Add the rate-limit headers that a PDS sends with each answer."""
    reset = int(time.time()) // 300 * 300 + 300
    limits = {"limit": "3000", "remaining": "2999", "reset": str(reset), "policy": "3000;w=300"}
    response.headers.update({f"RateLimit-{name}": value for name, value in limits.items()})
    return response


ROUTES: Routes = {
    "/xrpc/com.atproto.identity.resolveHandle": ("com.atproto.identity.resolveHandle", resolve_handle),
    "/xrpc/com.atproto.sync.getRepo": ("com.atproto.sync.getRepo", get_repo),
    "/xrpc/com.atproto.sync.getRepoStatus": ("com.atproto.sync.getRepoStatus", get_repo_status),
    "/xrpc/com.atproto.repo.getRecord": ("com.atproto.repo.getRecord", get_record),
    "/xrpc/com.atproto.repo.listRecords": ("com.atproto.repo.listRecords", list_records),
    "/xrpc/com.atproto.sync.getBlob": ("com.atproto.sync.getBlob", get_blob),
    "/did:plc:{plc}": ("plc.document", get_did_document),
    "/img/{preset}/plain/{did}/{cid}": ("media", get_image),
}
