"""What a document may be, and what is said of one that is not taken."""

from typing import Final

# Of the file as it is sent.
MAX_BYTES: Final = 20 * 1024 * 1024
# Files within it. A document of a hundred pictures has about 130.
MAX_ENTRIES: Final = 3000
# What the whole would be, unpacked, by what it says itself; and the most that it may be packed. What is not needed is
# never unpacked at all.
MAX_UNPACKED: Final = 300 * 1024 * 1024
MAX_RATIO: Final = 250
RATIO_COUNTS_FROM: Final = 8 * 1024 * 1024
# What is really unpacked and read as XML: one part, and all of them.
MAX_PART: Final = 16 * 1024 * 1024
MAX_XML: Final = 24 * 1024 * 1024
MAX_ELEMENTS: Final = 400_000
MAX_DEPTH: Final = 90
# A part that unpacks to more than the first, and to more than so many times itself, was not written by anybody. Real
# ones unpack to ten or twenty times.
PART_RATIO_COUNTS_FROM: Final = 4 * 1024 * 1024
MAX_PART_RATIO: Final = 100
# What is written anew for mammoth: of one paragraph or table, and of all. Parts of a line, notes, links.
MAX_BLOCK: Final = 1_500_000
MAX_WRITTEN: Final = 8_000_000
MAX_NOTES: Final = 3000
MAX_LINKS: Final = 5000
# Pictures that are handed on, and their bytes, each and all.
MAX_PICTURES: Final = 60
MAX_PLACES: Final = 200  # where they stand: one picture may stand at several
MAX_PICTURE: Final = 15 * 1024 * 1024
MAX_PICTURE_BYTES: Final = 48 * 1024 * 1024
# Where a picture stands in the HTML until the caller has stored it: this and its number.
PLACEHOLDER: Final = "/media/word-picture/"

SAVE_AS = "Open it in Word (or LibreOffice, or Google Docs), choose “Save as” or “Download”, and take “Word document (.docx)”."
DAMAGED = (
    "The file is damaged, or it is no Word document. Open it in Word and save it anew as .docx, then choose that file."
)
TOO_COMPLEX = (
    "The document is built in a way that can’t be read: it holds a huge table, or very many notes or parts. "
    "Copy its text into a new document and save that as .docx."
)
TOO_LARGE = (
    "Unpacked, the document is far larger than a text can be, so it was not opened. "
    "Copy its text into a new document and save that as .docx."
)


class WordError(ValueError):
    """The document was not taken. The message says why and what to do, in words for its author."""
