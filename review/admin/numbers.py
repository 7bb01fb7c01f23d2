"""The desk's page of numbers: charts drawn on the server, each with its table, and each table as CSV."""

import csv
import datetime
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from articles.models import Region
from editorial import rooms
from forum.models import Masthead
from review import numbers
from review.admin.pages import page
from review.numbers import Days, Handed, Load, Numbers, Printed, Share

PERIODS = (("12", "The last 12 months"), ("24", "The last 24 months"), ("all", "All time"))
# More rows than one reads on a page; the CSV has the rest.
MOST_ROWS = 60
MOST_MONTHS = 24
# A programme for tables takes a cell that begins so for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Without it Excel reads UTF-8 as something else.
BOM = "\ufeff"


# --- What is asked for -------------------------------------------------------------------------------


class FilterForm(forms.Form):
    months = forms.ChoiceField(label="Period", choices=PERIODS, required=False)
    region = forms.TypedChoiceField(label="Region", required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = Region.objects.order_by("name").values_list("pk", "name")
        self.fields["region"].choices = [("", "Everywhere"), *regions]  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Chosen:
    months: int | None
    region: int | None
    query: str
    words: str


def chosen(form: FilterForm) -> Chosen:
    """Period and region; what the address says wrongly is left out, and the form says so."""
    said = form.cleaned_data if form.is_valid() else {}
    period, region = said.get("months") or "12", said.get("region")
    names = dict(form.fields["region"].choices)  # type: ignore[attr-defined]
    words = dict(PERIODS)[period] + (f", {names[region]}" if region else "")
    query = f"?months={period}" + (f"&region={region}" if region else "")
    return Chosen(None if period == "all" else int(period), region, query, words)


def _numbers(request: HttpRequest) -> tuple[Numbers, FilterForm, Chosen]:
    if not request.user.has_perm("editorial.decide"):
        raise PermissionDenied
    form = FilterForm(request.GET)
    what = chosen(form)
    zone = Masthead.current().zone
    found = numbers.of(request.user, now=timezone.now(), zone=zone, months=what.months, region=what.region)
    return found, form, what


# --- In words --------------------------------------------------------------------------------------


def in_days(days: float | None) -> str:
    """Whole days, as one says them."""
    if days is None:
        return "–"
    whole = round(days)
    return "under a day" if days < 1 else f"{whole} day{'' if whole == 1 else 's'}"


def middle(days: Days) -> str:
    """The median with the quarters, where there are enough for them."""
    if days.median is None or days.lower is None or days.upper is None:
        return "–"
    lower, upper = round(days.lower), round(days.upper)
    between = f" (half: {lower}–{upper})" if days.count >= numbers.FEW and lower != upper else ""
    return f"{in_days(days.median)}{between}"


def of_how_many(share: Share) -> str:
    if not share.whole:
        return "–"
    percent = share.percent
    return f"{share.part} of {share.whole}" + (f" ({percent} %)" if percent is not None else "")


# --- Tables ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    cells: list[str]
    # A bar beside the row, in hundredths; None where there is none to draw.
    bar: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    key: str
    title: str
    caption: str
    heads: list[str]
    rows: list[Row]
    total: Row | None = None
    chart: SafeString = SafeString("")
    empty: str = "Nothing to count yet."
    more: int = 0
    notes: list[str] = field(default_factory=list)


HANDED_HEADS = [
    "Handed in", "Accepted, of those decided", "Waiting for a first decision", "Days to the first decision",
    "Published", "Days to publication",
]  # fmt: skip


def _handed_row(row: Handed) -> Row:
    return Row(
        row.name,
        [
            str(row.handed_in), of_how_many(row.acceptance), str(row.waiting),
            f"{middle(row.to_decision)}, {row.answered} of {row.handed_in}" if row.answered else "–",
            of_how_many(Share(row.published, row.handed_in)), middle(row.to_publication),
        ],
        bar=row.acceptance.percent,
    )  # fmt: skip


def _groups(key: str, title: str, rows: list[Handed], what: str) -> Table:
    return Table(
        key, title, f"Pieces by {what}, by when they were handed in. A piece counts in each {what} that it has.",
        HANDED_HEADS, [_handed_row(row) for row in rows[:MOST_ROWS]], more=max(len(rows) - MOST_ROWS, 0),
        empty=f"No piece of this period has a {what} yet.",
    )  # fmt: skip


def tables(found: Numbers) -> list[Table]:
    """All that the page shows, in its order."""
    months, printed = found.months[-MOST_MONTHS:], found.printed_months[-MOST_MONTHS:]
    made = [
        Table(
            "months", "Pieces handed in", "By the month in which the piece was first handed in.", HANDED_HEADS,
            [_handed_row(row) for row in months], _handed_row(found.overall),
            mark_safe(_outcomes(months) + _speed(months)), more=len(found.months) - len(months),  # noqa: S308  both are rendered templates
        ),
        Table(
            "published", "Pieces published", "By the month in which readers first had the piece.",
            ["Published", "Read by referees", "Days from handing in"],
            [_printed_row(row) for row in printed], _printed_row(found.printed), _published(printed),
            more=len(found.printed_months) - len(printed),
        ),
        _groups("regions", "By region", found.regions, "region"),
        _groups("topics", "By topic", found.topics, "topic"),
    ]  # fmt: skip
    if found.referees is not None and found.all_referees is not None:
        made.append(
            Table(
                "referees", "Referees", "Invitations of the period, by referee. Open now counts whenever they were invited.",
                ["Open now", "Invited", "Answered", "Agreed", "Review sent", "Days to answer", "Days to review"],
                [_load_row(row) for row in found.referees[:MOST_ROWS]],
                _load_row(found.all_referees) if found.referees else None,
                more=max(len(found.referees) - MOST_ROWS, 0), empty="Nobody was invited in this period.",
            )
        )  # fmt: skip
    return made


def _printed_row(row: Printed) -> Row:
    return Row(row.name, [str(row.published), of_how_many(row.share), middle(row.to_publication)])


def _load_row(row: Load) -> Row:
    return Row(
        row.name,
        [
            str(row.open_now), str(row.invited), of_how_many(Share(row.answered, row.invited)),
            of_how_many(Share(row.agreed, row.invited)), of_how_many(Share(row.sent, row.agreed)),
            in_days(row.to_answer), in_days(row.to_review),
        ],
    )  # fmt: skip


# --- Charts ----------------------------------------------------------------------------------------

# In the drawing's own units; css/numbers.css says how wide it stands on the page.
WIDTH, HEIGHT, LEFT, TOP = 360, 150, 28, 12


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    kind: str


def _drawn(label: str, months: list[datetime.date], stacks: list[list[tuple[str, float]]], legend: dict[str, str]) -> SafeString:  # fmt: skip
    """A column for each month, in parts from the ground up; the table beneath says the same in numbers."""
    most = max((sum(value for _, value in parts) for parts in stacks), default=0)
    if not most:
        return SafeString("")
    top = _round_up(most)
    step = (WIDTH - LEFT) / max(len(stacks), 1)
    bars, names = [], []
    for place, parts in enumerate(stacks):
        ground = float(HEIGHT)
        for kind, value in parts:
            tall = value / top * (HEIGHT - TOP)
            ground -= tall
            if value:
                left, wide = LEFT + step * (place + 0.15), step * 0.7
                bars.append(Bar(f"{left:.1f}", f"{ground:.1f}", f"{wide:.1f}", f"{tall:.1f}", kind))
        if len(stacks) <= 6 or place % (3 if len(stacks) <= 12 else 6) == 0:
            names.append((f"{LEFT + step * (place + 0.5):.1f}", f"{months[place]:%b %y}" if len(stacks) > 1 else ""))
    lines = [(f"{HEIGHT - share * (HEIGHT - TOP):.1f}", f"{top * share:g}") for share in (0, 0.5, 1)]
    return render_to_string(
        "admin/review/_chart.html",
        {"label": label, "bars": bars, "names": names, "lines": lines, "legend": legend.items(), "left": LEFT,
            "width": WIDTH, "height": HEIGHT + 20, "foot": HEIGHT + 14},
    )  # fmt: skip


def _round_up(most: float) -> int:
    """A round number above it whose half is one too."""
    size = 1
    while True:
        for step in (2, 4, 10):
            if most <= step * size:
                return step * size
        size *= 10


def _outcomes(rows: list[Handed]) -> SafeString:
    stacks = [
        [("accepted", row.accepted), ("declined", row.declined), ("open", row.handed_in - row.decided)] for row in rows
    ]
    legend = {"accepted": "Accepted", "declined": "Declined", "open": "Neither"}
    return _drawn("Pieces handed in each month, and what became of them", _days_of(rows), stacks, legend)


def _speed(rows: list[Handed]) -> SafeString:
    stacks = [[("accepted", row.to_decision.median or 0.0)] for row in rows]
    return _drawn("Median days to the first decision, by month of handing in", _days_of(rows), stacks, {})


def _published(rows: list[Printed]) -> SafeString:
    stacks = [[("accepted", row.refereed), ("open", row.published - row.refereed)] for row in rows]
    legend = {"accepted": "Read by referees", "open": "Not read by referees"}
    return _drawn("Pieces published each month", _days_of(rows), stacks, legend)


def _days_of(rows: "list[Handed] | list[Printed]") -> list[datetime.date]:
    return [row.month for row in rows if row.month is not None]


# --- CSV -------------------------------------------------------------------------------------------

Column = tuple[str, Callable[[Any], Any]]


def _quarters(name: str, said: Callable[[Any], Days]) -> list[Column]:
    return [
        (f"days to {name}: median", lambda row: said(row).median),
        (f"days to {name}: lower quarter", lambda row: said(row).lower),
        (f"days to {name}: upper quarter", lambda row: said(row).upper),
        (f"days to {name}: pieces", lambda row: said(row).count),
    ]


HANDED_COLUMNS: list[Column] = [
    ("handed in", lambda row: row.handed_in),
    ("with a first decision", lambda row: row.answered),
    ("waiting for a first decision", lambda row: row.waiting),
    ("withdrawn before a first decision", lambda row: row.withdrawn),
    ("decided", lambda row: row.decided),
    ("accepted", lambda row: row.accepted),
    ("declined", lambda row: row.declined),
    ("published", lambda row: row.published),
    *_quarters("first decision", lambda row: row.to_decision),
    *_quarters("publication", lambda row: row.to_publication),
]
PRINTED_COLUMNS: list[Column] = [
    ("published", lambda row: row.published),
    ("read by referees", lambda row: row.refereed),
    *_quarters("publication", lambda row: row.to_publication),
]
LOAD_COLUMNS: list[Column] = [
    (name.replace("_", " "), lambda row, name=name: getattr(row, name))  # type: ignore[misc]  # a default that binds the name
    for name in ("open_now", "invited", "answered", "agreed", "sent")
] + [
    ("median days to answer", lambda row: row.to_answer),
    ("median days to review", lambda row: row.to_review),
]


def sheet(found: Numbers, table: str) -> tuple[str, list[Column], list[Any]]:
    """What the first column is called, the others, and the rows. Raises Http404 for a table that there is not."""
    match table:
        case "months":
            return "month handed in", HANDED_COLUMNS, found.months
        case "published":
            return "month published", PRINTED_COLUMNS, found.printed_months
        case "regions":
            return "region", HANDED_COLUMNS, found.regions
        case "topics":
            return "topic", HANDED_COLUMNS, found.topics
        case "referees":
            if found.referees is None:
                raise PermissionDenied
            return "referee", LOAD_COLUMNS, found.referees
    raise Http404("There is no such table.")


def cell(value: Any) -> str:
    """A cell of the file: nothing where there is no number, and never a formula."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.1f}"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


def csv_of(first: str, columns: list[Column], rows: list[Any]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([first, *(name for name, _ in columns)])
    for row in rows:
        named = row.month.strftime("%Y-%m") if getattr(row, "month", None) else cell(row.name)
        writer.writerow([named, *(cell(said(row)) for _, said in columns)])
    return BOM + out.getvalue()


# --- Pages -----------------------------------------------------------------------------------------


@page("numbers/", "review_numbers")
def numbers_view(desk: Any, request: HttpRequest) -> HttpResponse:
    found, form, what = _numbers(request)
    context = {
        **admin.site.each_context(request),
        "title": "Numbers",
        "numbers": found,
        "form": form,
        "chosen": what,
        "tables": tables(found),
        "overview": overview(found),
        "few": numbers.FEW,
    }
    return TemplateResponse(request, "admin/review/numbers.html", context)


@page("numbers/<slug:table>.csv", "review_numbers_csv")
def csv_view(desk: Any, request: HttpRequest, table: str) -> HttpResponse:
    found, _, _ = _numbers(request)
    response = HttpResponse(csv_of(*sheet(found, table)), content_type="text/csv; charset=utf-8")
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="numbers-{table}-{day}.csv"'
    return response


def overview(found: Numbers) -> list[tuple[str, str, str]]:
    """The few numbers at the head: what, how much, of how many."""
    overall, printed = found.overall, found.printed
    waits = f"{overall.answered} of {overall.handed_in} pieces; {overall.waiting} still wait" + (
        f", {overall.withdrawn} withdrawn before" if overall.withdrawn else ""
    )
    return [
        ("First decision", middle(overall.to_decision), waits),
        ("Publication", middle(overall.to_publication), f"{overall.published} of {overall.handed_in} pieces are published"),
        ("Accepted", _percent(overall.acceptance), f"{overall.accepted} of {overall.decided} decided"),
        ("Read by referees", _percent(printed.share), f"{printed.refereed} of {printed.published} published"),
    ]  # fmt: skip


def _percent(share: Share) -> str:
    if share.percent is not None:
        return f"{share.percent} %"
    return f"{share.part} of {share.whole}" if share.whole else "–"


def front_links(request: HttpRequest) -> list[tuple[str, str]]:
    """Links on the front page of the desk."""
    links = []
    if request.user.has_perm("editorial.decide"):
        links.append(("Numbers", reverse("admin:review_numbers")))
    if request.user.has_perm("review.edit_form"):
        links.append(("Referees’ form and settings", reverse("admin:review_form")))
    return links


rooms.FRONT_LINKS.append(front_links)
