"""The files in which programs for references take a piece."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from articles.citations import bibtex, csl, ris
from articles.metadata import Metadata


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: how readers know it, and how it is served and written."""

    extension: str
    name: str
    content_type: str
    # Takes the piece and the day on which the reader fetches it.
    write: Callable[[Metadata, datetime.date], str]

    @property
    def file_name(self) -> str:
        """The last part of its address beneath the piece."""
        return f"cite.{self.extension}"


FORMATS = {
    found.extension: found
    for found in (
        Format("bib", "BibTeX", "application/x-bibtex", bibtex.write),
        Format("ris", "RIS", "application/x-research-info-systems", ris.write),
        Format("json", "CSL-JSON", "application/vnd.citationstyles.csl+json", csl.write),
    )
}
