"""Which kind of file it is, and who strips it. Call `prose.papers.strip`, which does it in a process of its own."""

from prose.papers import pdf, picture, plain, word
from prose.papers.given import MAX_TEXT, TAKEN, Notes, Refused, Stripped
from prose.word.limits import WordError

_DAMAGED = "The file is damaged, or not what its name says. Open it, save it anew, and choose it again."
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CLOSED = {
    ".doc": "This is a document of an old Word (.doc). Save it as “Word document (.docx)” or as PDF, and choose that.",
    ".docm": "A document with macros (.docm) is not taken. Save it as “Word document (.docx)” or as PDF, and choose that.",
    ".dotm": "A template with macros (.dotm) is not taken. Save it as “Word document (.docx)” or as PDF, and choose that.",
    ".rtf": "This is an RTF document. Save it as “Word document (.docx)” or as PDF, and choose that.",
    ".odt": "This is an OpenDocument file (.odt). Save it as “Word document (.docx)” or as PDF, and choose that.",
    ".pages": "This is a document of Apple Pages. Export it as Word (.docx) or as PDF, and choose that.",
    ".tex": "This is a TeX source. Choose the PDF that it makes.",
    ".html": "This is a web page. Print it to PDF, and choose that.",
    ".htm": "This is a web page. Print it to PDF, and choose that.",
    ".zip": "This is an archive. Choose the file that is in it.",
}


def strip_here(data: bytes, name: str, *, person: str = "Referee") -> Stripped:
    """As `prose.papers.strip`, in this process. Raises Refused, and MemoryError where there is not enough."""
    dot, ending = name.rpartition(".")[1:]
    suffix = (dot + ending).lower() if dot else ""
    if suffix in _CLOSED:
        raise Refused(_CLOSED[suffix])
    notes, remarks = Notes(), list[str]()
    try:
        kind, content, text = _stripped(data, suffix, person, notes, remarks)
    except (Refused, MemoryError):
        raise
    except WordError as problem:
        raise Refused(str(problem)) from problem
    except RecursionError as problem:
        raise Refused("The file is nested too deeply to be read. Copy its text into a new document.") from problem
    # Whatever a broken file makes a library stumble over: the answer to its owner is the same.
    except Exception as problem:
        raise Refused(_DAMAGED) from problem
    if kind in ("pdf", "docx") and not text.strip():
        remarks.append("No words could be read from the file: look through it for names yourself.")
    if len(text) > MAX_TEXT:
        remarks.append("The file is long, and only its beginning was searched for names.")
    return Stripped(content, kind, list(notes.found), text[:MAX_TEXT], remarks)


def _stripped(data: bytes, suffix: str, person: str, notes: Notes, remarks: list[str]) -> tuple[str, bytes, str]:
    if b"%PDF-" in data[:1024]:
        return ("pdf", *pdf.strip(data, person, notes, remarks))
    if data.startswith((b"PK", _OLE)):
        return ("docx", *word.strip(data, person, notes, remarks))
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png", picture.png(data, notes), ""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg", picture.jpeg(data, notes), ""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:5] == b"{\\rtf":
        raise Refused(_CLOSED[".rtf"])
    if suffix in (".txt", ".text", ".md", ".markdown", ""):
        kind = "md" if suffix in (".md", ".markdown") else "txt"
        words = plain.strip(data, notes, is_markdown=kind == "md")
        return kind, words.encode(), words
    if suffix in (".pdf", ".docx", ".png", ".jpg", ".jpeg"):
        raise Refused(_DAMAGED)
    raise Refused(f"Files of this kind are not taken. Taken are {TAKEN}.")
