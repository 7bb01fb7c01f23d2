"""What a language calls itself: a reader who looks for the text in Korean looks for “한국어”."""

from django.conf.locale import LANG_INFO

# Languages that Django has no translation of, as CLDR writes them.
_MORE = {
    "zh": "中文", "yue": "粵語", "bo": "བོད་སྐད་", "ug": "ئۇيغۇرچە", "dz": "རྫོང་ཁ", "lo": "ລາວ", "si": "සිංහල", "dv": "ދިވެހިބަސް",
    "fil": "Filipino", "tl": "Tagalog", "ceb": "Cebuano", "jv": "Basa Jawa", "su": "Basa Sunda", "tet": "tetun",
    "mi": "Māori", "sm": "Gagana Samoa", "to": "lea fakatonga", "fj": "Vosa Vakaviti", "tpi": "Tok Pisin", "bi": "Bislama",
    "haw": "ʻŌlelo Hawaiʻi", "ps": "پښتو", "sd": "سنڌي", "ku": "kurdî", "ckb": "کوردیی ناوەندی", "am": "አማርኛ", "ti": "ትግርኛ",
    "so": "Soomaali", "ha": "Hausa", "yo": "Èdè Yorùbá", "zu": "isiZulu", "xh": "isiXhosa", "rw": "Ikinyarwanda", "or": "ଓଡ଼ିଆ",
    "gu": "ગુજરાતી", "as": "অসমীয়া", "la": "Latina", "yi": "ייִדיש", "qu": "Runasimi", "mt": "Malti",
}  # fmt: skip
_SCRIPTS_OF_CHINESE = {"hans": "zh-hans", "cn": "zh-hans", "sg": "zh-hans", "hant": "zh-hant", "tw": "zh-hant", "hk": "zh-hant", "mo": "zh-hant"}  # fmt: skip


def own_name(tag: str) -> str:
    """The name of a language in itself, by its tag: “français”, “繁體中文”; the tag where it is not known."""
    first, *others = tag.lower().replace("_", "-").split("-")
    if first == "zh":
        first = next((_SCRIPTS_OF_CHINESE[part] for part in others if part in _SCRIPTS_OF_CHINESE), first)
    regional = "-".join([first, *others])
    for known in (regional, first):
        if name := LANG_INFO.get(known, {}).get("name_local") or _MORE.get(known):
            return str(name)
    return tag
