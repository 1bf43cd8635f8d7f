"""The technician's API and, on software twins, the counter in front of the till."""

from __future__ import annotations

from flask import Response

from services.domain.errors import NotFound
from services.flows import spool
from web_console import views
from web_console.api import JobView, Ready
from web_console.api_box import BoxView, SelfTest
from web_console.api_counter import CounterView, PaperQuery, TwinFault, TwinName, TwinScan
from web_console.box import Twins
from web_console.gate import Call
from web_console.routes import OPEN, SVG, TECHNICIAN, TWINS, Routes

ROUTES = Routes()


@ROUTES.get("/api/ready", OPEN, Ready, "Whether the gateway takes requests")
def ready(call: Call) -> Ready:
    return Ready(ready=True, now_ms=call.shop.now_ms())


@ROUTES.get("/api/technician", TECHNICIAN, BoxView, "Everything a technician must know about the box")
def show_box(call: Call) -> BoxView:
    return call.box.view()


@ROUTES.post(
    "/api/technician/tests",
    TECHNICIAN,
    JobView,
    "Test a till's printer or drawer; a repeat tests nothing again",
    body=SelfTest,
    keyed=True,
)
def test_device(call: Call, body: SelfTest) -> JobView:
    if body.till not in call.shop.tills:
        raise NotFound("there is no such till", till=body.till)
    job = spool.self_test(
        call.shop, body.till, body.test, operator_id=call.session.staff_id, request_id=call.key
    )
    call.box.wake_jobs(body.till)
    call.box.wake_uplink()
    return views.job(job)


@ROUTES.post("/api/technician/journal-check", TECHNICIAN, BoxView, "Verify the journal's whole hash chain")
def check_journal(call: Call) -> BoxView:
    """Needs no key: it changes nothing, a repeat checks again."""
    call.box.check_journal()
    return call.box.view()


@ROUTES.get("/api/counter", TWINS, CounterView, "The software twins")
def show_counter(call: Call) -> CounterView:
    return _twins(call).view()


@ROUTES.post("/api/counter/scan", TWINS, CounterView, "Play a scan", body=TwinScan)
def play_scan(call: Call, body: TwinScan) -> CounterView:
    """A repeat is a second scan, as it is with a real scanner."""
    _twins(call).scan(body.twin, body.code)
    return _twins(call).view()


@ROUTES.post("/api/counter/faults", TWINS, CounterView, "Switch a fault on or off", body=TwinFault)
def set_fault(call: Call, body: TwinFault) -> CounterView:
    """Needs no key: a repeat finds it switched."""
    _twins(call).set_fault(body.twin, body.fault, body.on)
    return _twins(call).view()


@ROUTES.post("/api/counter/drawer", TWINS, CounterView, "Push a drawer shut", body=TwinName)
def push_drawer(call: Call, body: TwinName) -> CounterView:
    """Needs no key: a repeat finds it shut."""
    _twins(call).push_drawer(body.twin)
    return _twins(call).view()


@ROUTES.post("/api/counter/tear", TWINS, CounterView, "Tear the finished papers off", body=TwinName)
def tear_paper(call: Call, body: TwinName) -> CounterView:
    """Needs no key: a repeat finds nothing, or tears what came since."""
    _twins(call).tear(body.twin)
    return _twins(call).view()


@ROUTES.post("/api/counter/reset", TWINS, CounterView, "Faults off, drawers shut, papers torn")
def reset_twins(call: Call) -> CounterView:
    """Needs no key: a repeat finds it done."""
    _twins(call).reset()
    return _twins(call).view()


@ROUTES.get(
    "/api/counter/paper/<ident:twin>.svg", TWINS, None, "A hanging paper", query=PaperQuery, media=SVG
)
def paper_picture(call: Call, query: PaperQuery, twin: str) -> Response:
    return Response(_twins(call).picture(twin, query.n), mimetype=SVG)


def _twins(call: Call) -> Twins:
    twins = call.box.twins
    assert twins is not None, "the gate lets nobody here without twins"
    return twins
