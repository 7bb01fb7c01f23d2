"""An order that people give by numbers beside rows, or by the buttons up and down: it works without scripts."""

from collections.abc import Collection, Mapping, Sequence

from editorial.registry import Blocked, Reason


def ids_of(text: str) -> list[int]:
    """Ids as a form sends them, separated by commas; what is none is left out."""
    return [int(part) for part in text.split(",") if part.isascii() and part.isdigit() and len(part) < 19]


class Typed:
    """What a table of rows sent: a number for each (`number-<id>`), and perhaps the button `up` or `down` of one."""

    def __init__(self, post: Mapping[str, str]) -> None:
        self.post = post
        self.numbers: dict[int, str] = {}
        for name, value in post.items():
            pk = name.removeprefix("number-")
            if pk != name and pk.isascii() and pk.isdigit() and len(pk) < 19:
                self.numbers[int(pk)] = str(value).strip()[:20]

    def order(self, seen: Sequence[int], fixed: Collection[int] = ()) -> list[int]:
        """The rows by the numbers typed beside them; one that was typed anew goes where it was sent.

        `seen` are the rows in the order in which they stood; those in `fixed` keep their places. Raises Blocked for what is no number.
        """
        numbers: dict[int, int] = {}
        for place, pk in enumerate(seen, start=1):
            text = self.numbers.get(pk, str(place))
            if text and not (text.isascii() and text.isdigit() and len(text) < 6):
                raise Blocked(Reason(f"“{text}” is no place: write a number such as 1, 2 or 3."))
            numbers[pk] = int(text) if text else len(seen) + 1
        places = {pk: place for place, pk in enumerate(seen, start=1)}

        def key(pk: int) -> tuple[float, int]:
            # Sent up, it comes before the row that holds that number; sent down, after it.
            number, place = numbers[pk], places[pk]
            return (number - 0.5 if number < place else number + 0.5 if number > place else number, place)

        order = sorted((pk for pk in seen if pk not in fixed), key=key)
        for name, step in (("up", -1), ("down", 1)):
            if name in self.post:
                order = _stepped(order, ids_of(self.post[name]), step)
        movable = iter(order)
        return [pk if pk in fixed else next(movable) for pk in seen]


def _stepped(order: list[int], chosen: list[int], step: int) -> list[int]:
    """The order with one row a place further up or down."""
    if not chosen or chosen[0] not in order:
        return order
    place = order.index(chosen[0])
    other = place + step
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
    return order
