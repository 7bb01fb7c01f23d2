"""Languages as those who show a link want them: Open Graph asks for a language and a place, such as `en_AU`."""

# Where a language tag names no place: the one that most readers of such services write for.
_PLACES = {
    "ar": "AR", "bg": "BG", "bn": "IN", "cs": "CZ", "da": "DK", "de": "DE", "el": "GR", "en": "GB", "es": "ES", "et": "EE",
    "fa": "IR", "fi": "FI", "fil": "PH", "fr": "FR", "gu": "IN", "he": "IL", "hi": "IN", "hr": "HR", "hu": "HU", "id": "ID",
    "it": "IT", "ja": "JP", "ka": "GE", "kk": "KZ", "km": "KH", "ko": "KR", "lo": "LA", "lt": "LT", "lv": "LV", "mk": "MK",
    "mn": "MN", "mr": "IN", "ms": "MY", "my": "MM", "nb": "NO", "ne": "NP", "nl": "NL", "pl": "PL", "pt": "PT", "ro": "RO",
    "ru": "RU", "si": "LK", "sk": "SK", "sl": "SI", "sr": "RS", "sv": "SE", "ta": "IN", "te": "IN", "th": "TH", "tr": "TR",
    "uk": "UA", "ur": "PK", "uz": "UZ", "vi": "VN", "zh": "CN",
}  # fmt: skip
_SCRIPTS = {"hans": "CN", "hant": "TW"}


def open_graph(language: str, house: str = "") -> str:
    """The tag of a language as Open Graph has it; empty where no place is known. `house` is the publication's own tag:
    a piece in plain “en” is in the English of its house."""
    first, place, script = _parts(language)
    if not place:
        ours, its_place, _ = _parts(house)
        place = its_place if ours == first and not script else ""
    place = place or _SCRIPTS.get(script, "") or _PLACES.get(first, "")
    return f"{first}_{place}" if first and place else ""


def _parts(tag: str) -> tuple[str, str, str]:
    """Language, place and script of a tag."""
    first, *others = tag.replace("_", "-").split("-")
    place = next((part.upper() for part in others if len(part) == 2 and part.isalpha()), "")
    script = next((part.lower() for part in others if len(part) == 4 and part.isalpha()), "")
    return first.lower(), place, script
