"""Who comes through which address of the console: every address stands here, or the test fails.

`right` is what the address needs (None: everybody of staff); `kind` is the kind of organisation whose staff are tried, and `thing`
names, in `THINGS`, what a parameter of the address stands for: something of that organisation, which no other may see or touch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from haihe.organisations.model import Right


@dataclass(frozen=True)
class Wall:
    """What is expected of an address; `is_shown` tells that whoever may see the thing gets a page."""

    right: Right | None
    kind: str = "bus_company"
    thing: str = ""
    is_shown: bool = True


DOORS: Final = frozenset({
    "GET /console/sign-in",
    "POST /console/sign-in",
    "POST /console/sign-in/code",
    "POST /console/sign-out",
})  # fmt: skip
"""Where strangers come."""

SEE, MONEY, PRINT, CHANGE, TAKE = (
    Right.SEE_OPERATIONS, Right.SEE_MONEY, Right.PRINT_STICKERS, Right.CHANGE_CATALOGUE, Right.TAKE_PAYMENTS,
)  # fmt: skip

WALLS: Final[Mapping[str, Wall]] = {
    "GET /console": Wall(None),
    "GET /console/rights": Wall(None),
    "GET /console/me": Wall(None),
    "POST /console/me/password": Wall(None),
    "GET /console/me/second-factor": Wall(None),
    "POST /console/me/second-factor": Wall(None),
    "POST /console/me/second-factor/remove": Wall(None),
    "GET /console/approvals": Wall(Right.SEE_APPROVALS),
    "GET /console/approvals/{approval:int}": Wall(Right.SEE_APPROVALS, thing="approval"),
    "POST /console/approvals/{approval:int}": Wall(Right.SEE_APPROVALS, thing="approval"),
    "GET /console/audit": Wall(Right.SEE_AUDIT),
    "GET /console/audit.csv": Wall(Right.SEE_AUDIT),
    "GET /console/staff": Wall(Right.MANAGE_STAFF),
    "POST /console/staff": Wall(Right.MANAGE_STAFF),
    "POST /console/staff/second-factor": Wall(Right.MANAGE_STAFF),
    "GET /console/staff/{member:int}": Wall(Right.MANAGE_STAFF, thing="member"),
    "POST /console/staff/{member:int}": Wall(Right.MANAGE_STAFF, thing="member"),
    "GET /console/today": Wall(MONEY),
    "GET /console/benefits": Wall(MONEY, "city"),
    "GET /console/books": Wall(MONEY),
    "GET /console/books/accounts/{name:str}": Wall(MONEY, "city", "fund"),
    "GET /console/books/accounts/{name:str}/print": Wall(MONEY, "city", "fund"),
    "GET /console/books/accounts/{name:str}/statement.csv": Wall(MONEY, "city", "fund"),
    "GET /console/books/postings/{posting:int}": Wall(MONEY, thing="payment"),
    "GET /console/books/trial": Wall(MONEY, "city"),
    "GET /console/books/trial.csv": Wall(MONEY, "city"),
    "GET /console/payments": Wall(MONEY),
    "GET /console/payments/{payment_id:int}": Wall(MONEY, thing="payment"),
    "POST /console/payments/{payment_id:int}/refunds": Wall(Right.GIVE_REFUNDS, thing="payment"),
    "POST /console/payments/{payment_id:int}/refunds/approval": Wall(Right.GIVE_REFUNDS, thing="payment"),
    "GET /console/settlement": Wall(MONEY),
    "GET /console/settlement/{day:str}/payments.csv": Wall(MONEY, thing="day"),
    "GET /console/settlement/{day:str}/statement.txt": Wall(MONEY, thing="day"),
    "GET /console/settlements": Wall(MONEY, "city"),
    "POST /console/settlements/check": Wall(MONEY, "city"),
    "GET /console/plug": Wall(Right.TRY_FAULTS, "city"),
    "POST /console/plug": Wall(Right.TRY_FAULTS, "city"),
    "GET /console/plug/events": Wall(Right.TRY_FAULTS, "city", is_shown=False),
    "GET /console/service": Wall(Right.SERVE_CITIZENS, "service"),
    "GET /console/service/cash": Wall(MONEY, "service"),
    "GET /console/service/cash/{cash_in:int}": Wall(Right.SERVE_CITIZENS, "service", "nothing", is_shown=False),
    "POST /console/service/cash/{cash_in:int}/reversal": Wall(Right.SERVE_CITIZENS, "service", "nothing"),
    "POST /console/service/visits": Wall(Right.SERVE_CITIZENS, "service"),
    "GET /console/service/visits/{visit:int}": Wall(Right.SERVE_CITIZENS, "service", "visit", is_shown=False),
    "POST /console/service/visits/{visit:int}": Wall(Right.SERVE_CITIZENS, "service", "visit"),
    "GET /console/service/visits/{visit:int}/paper-card": Wall(
        Right.SERVE_CITIZENS, "service", "visit", is_shown=False
    ),
    "GET /console/transit": Wall(SEE),
    "GET /console/transit/lines/{line:str}": Wall(SEE, thing="line"),
    "GET /console/transit/lines/{line:str}/stickers": Wall(PRINT, thing="line"),
    "GET /console/transit/stickers/{code:str}": Wall(PRINT, thing="sticker"),
    "POST /console/transit/stickers/{code:str}": Wall(CHANGE, thing="sticker"),
    "POST /console/transit/vehicles/{vehicle:str}/screen": Wall(CHANGE, thing="vehicle"),
    "GET /console/coach": Wall(SEE, "coach"),
    "GET /console/coach/check": Wall(TAKE, "coach"),
    "GET /console/coach/check/{departure:str}": Wall(TAKE, "coach", "departure"),
    "POST /console/coach/check/{departure:str}": Wall(TAKE, "coach", "departure"),
    "GET /console/coach/runs/{departure:str}": Wall(SEE, "coach", "departure"),
    "GET /console/campus": Wall(SEE, "university"),
    "GET /console/campus/services": Wall(SEE, "university"),
    "GET /console/campus/stickers": Wall(PRINT, "university"),
    "POST /console/campus/points/{point:str}/till": Wall(CHANGE, "university", "point"),
    "GET /console/hospital": Wall(TAKE, "hospital"),
    "GET /console/hospital/looks": Wall(Right.SEE_LOOKS, "hospital"),
    "POST /console/hospital/patients": Wall(TAKE, "hospital"),
    "GET /console/hospital/bills/{due:int}": Wall(TAKE, "hospital", "clinic bill"),
    "POST /console/hospital/bills/{due:int}/charge": Wall(TAKE, "hospital", "clinic bill"),
    "POST /console/hospital/bills/{due:int}/withdraw": Wall(TAKE, "hospital", "clinic bill"),
    "GET /console/hospital/records/{look:int}": Wall(TAKE, "hospital", "look", is_shown=False),
    "POST /console/hospital/records/{look:int}": Wall(TAKE, "hospital", "look"),
    "GET /console/school": Wall(MONEY, "school"),
    "POST /console/school/notices": Wall(MONEY, "school"),
    "GET /console/school/notices/{notice:int}": Wall(MONEY, "school", "notice"),
    "POST /console/school/notices/{notice:int}/withdraw": Wall(MONEY, "school", "notice"),
    "GET /console/shop": Wall(SEE, "shop"),
    "POST /console/shop/tills/{till:str}/screen": Wall(CHANGE, "shop", "till"),
    "GET /console/shop/tills/{till:str}/sticker": Wall(PRINT, "shop", "till"),
    "GET /console/social": Wall(SEE, "social"),
    "GET /console/social/contributions/{identity:str}": Wall(MONEY, "social", "contribution"),
    "GET /console/utility": Wall(SEE, "utility"),
    "GET /console/utility/accounts/{account:str}": Wall(SEE, "utility", "account"),
    "POST /console/utility/accounts/{account:str}/withdraw": Wall(CHANGE, "utility", "account"),
    "GET /console/utility/bills/{bill:str}": Wall(MONEY, "utility", "bill"),
    "POST /console/utility/bills/{bill:str}": Wall(CHANGE, "utility", "bill"),
    "GET /console/utility/import": Wall(CHANGE, "utility"),
    "POST /console/utility/import": Wall(CHANGE, "utility"),
    "POST /console/utility/issue": Wall(CHANGE, "utility"),
    "POST /console/utility/readings": Wall(CHANGE, "utility"),
}

THINGS: Final[Mapping[str, str]] = {
    "approval": "SELECT id FROM approvals WHERE organisation = %s",
    "member": "SELECT id FROM staff WHERE organisation = %s",
    "fund": "SELECT 'fund-' || id FROM funds WHERE organisation = %s",
    "payment": "SELECT id FROM payments WHERE payee = %s AND status = 0",
    "day": "SELECT day FROM settlements WHERE organisation = %s",
    "nothing": "SELECT 1600 + 0 * %s",
    "visit": "SELECT id FROM desk_visits WHERE organisation = %s",
    "line": "SELECT id FROM lines WHERE organisation = %s",
    "sticker": "SELECT code FROM stickers WHERE organisation = %s AND kind = 'bus'",
    "vehicle": "SELECT v.id FROM vehicles v JOIN lines l ON l.id = v.line WHERE l.organisation = %s",
    "departure": "SELECT d.id FROM coach_departures d JOIN coach_routes r ON r.id = d.route WHERE r.organisation = %s ORDER BY cardinality(d.weekdays) DESC",
    "point": "SELECT id FROM campus_points WHERE organisation = %s",
    "clinic bill": "SELECT id FROM dues WHERE organisation = %s AND kind = 5",
    "look": "SELECT id FROM clinic_looks WHERE hospital = %s",
    "notice": "SELECT id FROM fee_notices WHERE school = %s",
    "till": "SELECT id FROM shop_points WHERE organisation = %s",
    "contribution": "SELECT id FROM contributions WHERE organisation = %s",
    "account": "SELECT id FROM utility_accounts WHERE organisation = %s",
    "bill": "SELECT id FROM dues WHERE organisation = %s AND kind = 4",
}
"""One thing of an organisation for each parameter; the first row is taken."""
