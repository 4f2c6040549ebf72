"""The page "Rehearse an incident": scripts a fault for the next call, or books a payment that nobody asked for."""

from html import escape

from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from demo.simulator.book import Book
from demo.simulator.customers import Customers
from demo.simulator.faults.fault import Fault, On
from demo.simulator.faults.scripted import Faults
from demo.simulator.pages import stray
from demo.simulator.pages.browser import came_from_here, page, template
from demo.simulator.pages.going_back import CannotBeAsked, GoingBack
from demo.simulator.pages.incidents import GROUPS, INCIDENTS, Group, Incident, title
from demo.simulator.swapspace import records

REHEARSE_PATH = "/rehearse"

_REHEARSAL_PAGE, _GROUP = template("rehearsal.html"), template("group.html")
_CARD, _STRAY = template("incident.html"), template("stray.html")


class Rehearsal:
    """One page, and the forms on it."""

    def __init__(self, customers: Customers, book: Book, faults: Faults, going_back: GoingBack | None = None) -> None:
        self._book, self._faults, self._going_back = book, faults, going_back
        self._merchants = customers.swapspace
        self._providers = [name for name in ("zoomex", "swapspace") if getattr(customers, name)]
        self._purses = {purse.key: purse for purse in stray.purses(customers)}

    def show(self, _request: Request, _at: float) -> Response:
        """What is scripted now, and every incident."""
        waiting = self._faults.waiting()
        *groups, last = GROUPS
        html = _REHEARSAL_PAGE.substitute(
            scripted="".join(f"<li>{_scripted(fault)}</li>" for fault in waiting),
            some="some" if waiting else "",
            scripted_hidden="" if waiting else "hidden",
            nothing_hidden="hidden" if waiting else "",
            records=records.links(self._merchants),
            groups="".join(map(self._group, groups)) + self._group(last, self._stray() + self._back_in_time()),
        )
        return page(html)

    def script(self, request: Request, _at: float) -> Response:
        """One more fault for the next call."""
        told = _form(request)
        incident = INCIDENTS.get(told.get("incident", ""))
        fault = incident.faults.get(told.get("provider", "")) if incident else None
        if fault is None:
            raise BadRequest("There is no such incident.")
        self._faults.add(fault)
        return redirect(REHEARSE_PATH, 303)

    def clear(self, request: Request, _at: float) -> Response:
        """Nothing goes wrong from here on."""
        _form(request)
        self._faults.clear()
        return redirect(REHEARSE_PATH, 303)

    def pay(self, request: Request, at: float) -> Response:
        """A payment that appears, at once."""
        told = _form(request)
        purse = self._purses.get(told.get("purse", ""))
        if purse is None:
            raise BadRequest("There is no such purse.")
        try:
            stray.pay(purse, told.get("amount", ""), at=at, book=self._book)
        except stray.BadPayment as err:
            raise BadRequest(str(err)) from err
        return redirect("/", 303)

    def go_back(self, request: Request, _at: float) -> Response:
        """Have a copy of the database kept, or put back."""
        told = _form(request)
        if self._going_back is None:
            raise BadRequest("Nobody here runs a database.")
        try:
            self._going_back.ask(told.get("act", ""))
        except CannotBeAsked as err:
            raise BadRequest(str(err)) from err
        return redirect(REHEARSE_PATH, 303)

    def _group(self, group: Group, more: str = "") -> str:
        cards = "".join(self._card(incident) for incident in group.incidents)
        return _GROUP.substitute(title=escape(group.title), lead=escape(group.lead), cards=cards + more)

    def _stray(self) -> str:
        """The card of the payment that no call asked for."""
        purses = self._purses.items()
        options = [f'<option value="{escape(key)}">{_name(purse)}</option>' for key, purse in purses]
        return _STRAY.substitute(purses="".join(options), path=f"{REHEARSE_PATH}/payment")

    def _back_in_time(self) -> str:
        """The card of the incident that is no provider's."""
        return self._going_back.card(f"{REHEARSE_PATH}/going-back") if self._going_back else ""

    def _card(self, incident: Incident) -> str:
        buttons = "".join(
            f'<button name="provider" value="{name}" aria-label="Script for {name.title()}">{name.title()}</button>'
            for name in incident.faults
            if name in self._providers
        )
        texts = {name: escape(getattr(incident, name)) for name in ("key", "title", "happens", "see", "resolve")}
        return _CARD.substitute(texts, buttons=buttons, path=REHEARSE_PATH) if buttons else ""


def _form(request: Request) -> dict[str, str]:
    if not came_from_here(request):
        raise Forbidden("This form has to be sent from the simulator's own page.")
    return request.form.to_dict()


def _scripted(fault: Fault) -> str:
    when = {
        On.CREATE: f"the next {_times(fault, 'order')}",
        On.RECORDS: f"the next {_times(fault, 'look')} at the records",
        On.TIME: "until cleared",
    }
    return f"<strong>{escape(title(fault))}</strong> · {fault.provider.title()}, {when[fault.on]}"


def _times(fault: Fault, noun: str) -> str:
    return noun if fault.times == 1 else f"{fault.times} {noun}s"


def _name(purse: stray.Purse) -> str:
    customer = purse.customer if len(purse.customer) <= 10 else f"{purse.customer[:8]}…"
    return escape(f"{purse.provider.title()} {customer}: {purse.coin}")
