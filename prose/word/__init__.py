"""A Word document (.docx) as the text of a piece: what it says and how it is built, not how it looks.

The document is not given to mammoth as it came. Its parts are read as a stream, within limits, and what belongs to the
text is written anew in the few elements that mammoth needs: so a hostile or broken document meets one small reader, and
tracked changes, hidden text, text boxes and fields are settled before. mammoth turns that into HTML, and what it made is
put into the markup of our house (`prose.sanitise`), which the caller still has to sanitise.

Call `prose.word.process.read`, which does all this in a process of its own.
"""

from prose.word.arrange import Arranged
from prose.word.convert import to_html
from prose.word.document import Document
from prose.word.found import Found
from prose.word.given import Picture, WordText
from prose.word.limits import DAMAGED, MAX_BYTES, PLACEHOLDER, TOO_LARGE, WordError
from prose.word.package import Package, refuse_other_kinds

__all__ = ["MAX_BYTES", "PLACEHOLDER", "Picture", "WordError", "WordText", "read"]


def read(data: bytes) -> WordText:
    """The text of a .docx. Raises WordError, and nothing else, where it can't be taken."""
    refuse_other_kinds(data)
    try:
        return _read(data)
    except WordError:
        raise
    except (MemoryError, RecursionError) as problem:
        raise WordError(TOO_LARGE) from problem
    # Whatever a broken document makes a library stumble over: the answer to its author is the same.
    except Exception as problem:
        raise WordError(DAMAGED) from problem


def _read(data: bytes) -> WordText:
    package = Package(data)
    found = Found()
    main = Document(package, found)
    blocks = to_html(main)
    text = Arranged(blocks, found)
    if not text.title and not text.in_brief and not text.html and not found.pictures:
        raise WordError(
            "The document holds no text. If the text stands in text boxes or pictures, copy it into the page."
        )
    pictures = [Picture(number, data, alt) for number, (data, alt) in found.pictures.items()]
    return WordText(text.title, text.in_brief, text.html, pictures, found.remarks())
