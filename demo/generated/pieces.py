"""One invented piece after the other: `Maker.piece(number)`, the same for the same seed and number."""

import datetime
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from demo.generated import words
from demo.generated.cast import Cast, Named, Place
from prose import measure, slugs

WORDS: Final = 800
# Words of one sentence, as they come out on average.
_SENTENCE: Final = 17.6
CORRECTED, RETRACTED, IN_SERIES = 0.005, 0.002, 0.15


@dataclass(frozen=True, slots=True)
class Text:
    title: str
    in_brief: str
    body: str
    # As pages show it, and as the search reads it.
    html: str
    indexed: tuple[str, str, str]
    headings: tuple[dict[str, object], ...]
    words: int
    minutes: int
    # Words of it that few others have.
    rare: list[str]


@dataclass(slots=True)
class Piece:
    number: int
    slug: str
    at: datetime.datetime
    text: Text
    authors: list[Named]
    regions: list[Place]
    topics: list[tuple[int, str]]
    series: int | None
    # What readers were told later: the moment, the note, and the text that they have since.
    correction: tuple[datetime.datetime, str, Text] | None = None
    retraction: tuple[datetime.datetime, str] | None = None


@dataclass
class Maker:
    """Makes the pieces of one run: `first` to `last`, their days spread from `begins_at` to `ends_at` in order."""

    seed: int
    cast: Cast
    first: int
    last: int
    begins_at: datetime.datetime
    ends_at: datetime.datetime
    length: int = WORDS
    _pool: tuple[words.Sentence, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._pool = words.sentences(self.seed)

    def pieces(self, numbers: Iterable[int]) -> list[Piece]:
        return [self.piece(number) for number in numbers]

    def piece(self, number: int) -> Piece:
        chance = random.Random(f"{self.seed} {number}")  # noqa: S311  the same piece for the same seed
        text = self._text(chance, words.title(chance))
        at = self._moment(number, chance)
        cast = self.cast
        topics = {words.rank(chance, len(cast.topics), 8) for _ in range(chance.randint(2, 5))}
        regions = {words.rank(chance, len(cast.regions), 6) for _ in range(chance.choice((1, 1, 2)))}
        authors = {words.rank(chance, len(cast.authors), 30) for _ in range(chance.choice((1, 1, 1, 2, 2, 3)))}
        has_series = chance.random() < IN_SERIES
        piece = Piece(
            number=number,
            slug=f"{slugs.slug(text.title, limit=80)}-{self.seed}-{number}",
            at=at,
            text=text,
            authors=[cast.authors[place] for place in authors],
            regions=[cast.regions[place] for place in regions],
            topics=[cast.topics[place] for place in topics],
            series=cast.series[words.rank(chance, len(cast.series), 20)] if has_series else None,
        )
        self._what_followed(piece, chance)
        return piece

    def _moment(self, number: int, chance: random.Random) -> datetime.datetime:
        """In the order of the numbers, as the rows of a publication are in the order of its days."""
        share = (number - self.first + chance.random()) / (self.last - self.first + 1)
        return (self.begins_at + (self.ends_at - self.begins_at) * share).replace(microsecond=0)

    def _what_followed(self, piece: Piece, chance: random.Random) -> None:
        later = (piece.at + datetime.timedelta(days=chance.uniform(1, 60))).replace(microsecond=0)
        fate = chance.random()
        if later >= self.ends_at:
            return
        if fate < CORRECTED:
            note = f"An earlier version named another {words.word(words.rank(chance, 200))} in its second paragraph."
            piece.correction = (later, note, self._text(chance, piece.text.title))
        elif fate < CORRECTED + RETRACTED:
            piece.retraction = (later, "The figures on which this piece rests could not be found again.")

    def _text(self, chance: random.Random, title: str) -> Text:
        brief = chance.choices(self._pool, k=2)
        count = max(8, round(self.length / _SENTENCE * chance.uniform(0.7, 1.3)))
        told = chance.choices(self._pool, k=count)
        rare: list[str] = []
        for place in chance.sample(range(count), 3):
            told[place], few = words.with_rare_words(chance)
            rare += few
        paragraphs: list[list[words.Sentence]] = []
        start = 0
        while start < count:
            size = chance.randint(3, 5)
            paragraphs.append(told[start : start + size])
            start += size
        return self._put_together(chance, title, brief, paragraphs, rare)

    def _put_together(
        self,
        chance: random.Random,
        title: str,
        brief: list[words.Sentence],
        paragraphs: list[list[words.Sentence]],
        rare: list[str],
    ) -> Text:
        """The body as the sanitiser would leave it, and its HTML as `articles.render` would make it: tests hold them to it."""
        linked, heads = chance.randrange(len(paragraphs)), self._heads(chance, len(paragraphs))
        body: list[str] = []
        html: list[str] = []
        indexed: list[str] = []
        headings: list[dict[str, object]] = []
        count = 0
        for place, sentences in enumerate(paragraphs):
            if heading := heads.get(place):
                one = {"level": 2, "text": heading, "id": f"h-{heading.lower().replace(' ', '-')}"}
                headings.append(one)
                body.append(f"<h2>{heading}</h2>")
                html.append(f'<h2 id="{one["id"]}">{heading}</h2>')
                indexed.append(words.said(heading).indexed)
                count += len(heading.split())
            inner = " ".join(sentence.text for sentence in sentences)
            indexed += [sentence.indexed for sentence in sentences]
            count += sum(sentence.words for sentence in sentences)
            if place == linked:
                year = chance.randint(1990, 2025)
                inner += f' A <a href="https://example.org/reports/{year}" rel="noopener">report of {year}</a> has the figures.'
                indexed.append(f"a report of {year} has the figures.")
                count += 7
            paragraph = f"<p>{inner}</p>"
            body.append(paragraph)
            html.append(paragraph)
        in_brief = " ".join(sentence.text for sentence in brief)
        count += sum(sentence.words for sentence in brief)
        return Text(
            title=title,
            in_brief=in_brief,
            body="".join(body),
            html="".join(html),
            indexed=(words.said(title).indexed, " ".join(sentence.indexed for sentence in brief), " ".join(indexed)),
            headings=tuple(headings),
            words=count,
            minutes=max(1, -(-count // measure.WORDS_A_MINUTE)),
            rare=rare,
        )

    @staticmethod
    def _heads(chance: random.Random, paragraphs: int) -> dict[int, str]:
        """One or two headings, before paragraphs that stand within the text."""
        if paragraphs < 4:
            return {}
        first, second = words.heading(chance), words.heading(chance)
        third = paragraphs // 3
        return {third: first} | ({2 * third: second} if second != first and paragraphs > 6 else {})
