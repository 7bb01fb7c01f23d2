"""Pieces that never were, for the tests of citations: no database, any name, any script."""

import datetime
from typing import Any

from articles.metadata import Contributor, Metadata
from articles.models import Revision
from articles.pieces import Link

# A title, a family and a given name in each script; family-first where its people write so.
SCRIPTS = {
    "English": ("en", "Tides of trade", "Marlowe", "Alice", False),
    "Czech": ("cs", "Příliš žluťoučký kůň úpěl", "Dvořák", "Antonín", False),
    "Turkish": ("tr", "İstanbul’un ışıkları", "Şahin", "Çağrı", False),
    "Vietnamese": ("vi", "Biển Đông và trật tự khu vực", "Nguyễn", "Thị Ánh", True),
    "Russian": ("ru", "Порты и приливы", "Чехов", "Антон", False),
    "Greek": ("el", "Οι παλίρροιες του εμπορίου", "Παπαδόπουλος", "Γιώργος", False),
    "Hebrew": ("he", "גאות הסחר", "כהן", "דוד", False),
    "Arabic": ("ar", "مد التجارة وجزرها", "محفوظ", "نجيب", False),
    "Persian": ("fa", "جزر و مد تجارت", "هدایت", "صادق", False),
    "Urdu": ("ur", "تجارت کی لہریں", "اقبال", "محمد", False),
    "Hindi": ("hi", "व्यापार का ज्वार", "शर्मा", "अनीता", False),
    "Bengali": ("bn", "বাণিজ্যের জোয়ার", "সেন", "অমর্ত্য", False),
    "Tamil": ("ta", "வணிகத்தின் அலைகள்", "சுப்பிரமணியன்", "பாரதி", False),
    "Sinhala": ("si", "වෙළඳාමේ රළ", "පෙරේරා", "නිමල්", False),
    "Thai": ("th", "กระแสการค้า", "ชินวัตร", "สมชาย", False),
    "Lao": ("lo", "ກະແສການຄ້າ", "ວົງສາ", "ສົມພອນ", False),
    "Khmer": ("km", "ជំនោរពាណិជ្ជកម្ម", "សុខ", "វណ្ណា", True),
    "Burmese": ("my", "ကုန်သွယ်ရေး ဒီရေ", "အောင်", "မြင့်", False),
    "Georgian": ("ka", "ვაჭრობის მოქცევა", "ბერიძე", "გიორგი", False),
    "Armenian": ("hy", "Առևտրի մակընթացություն", "Պետրոսյան", "Արամ", False),
    "Amharic": ("am", "የንግድ ማዕበል", "ተስፋዬ", "አበበ", False),
    "Chinese": ("zh-Hant", "貿易的潮汐：東亞", "李", "文濤", True),
    "Japanese": ("ja", "貿易の潮、アジアの港", "山田", "花子", True),
    "Korean": ("ko", "무역의 조수 (2020년)", "김", "민준", True),
    "Mongolian": ("mn", "Худалдааны урсгал", "Батбаяр", "Сүхээ", False),
    "Tibetan": ("bo", "ཚོང་གི་རླབས།", "དབང་ཕྱུག", "བསྟན་འཛིན", False),
}


def person(family: str, given: str, *, is_family_first: bool = False, **fields: Any) -> Contributor:
    name = f"{family} {given}" if is_family_first else f"{given} {family}"
    return Contributor(name, family=family, given=given, **fields)


def house(name: str) -> Contributor:
    return Contributor(name, is_house=True)


def nobody_special(count: int) -> list[Contributor]:
    """Authors by number, with letters alone in their names: “Family-Ab, Given”."""
    return [person(f"Aut{_letters(number)}", "Given Middle") for number in range(count)]


def _letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in f"{number:03}")


def reference(*contributors: Contributor, **fields: Any) -> Metadata:
    """What is told of a piece by these people."""
    wanted: dict[str, Any] = {
        "pk": 412,
        "title": "The tide tables of trade",
        "url": "https://harbour.example/2020/01/25/the-tide-tables-of-trade/",
        "in_brief": "Harbours change slowly.\nThen all at once.",
        "language": "en",
        "direction": "ltr",
        "published_at": datetime.datetime(2020, 1, 25, 1, tzinfo=datetime.UTC),
        "published_on": datetime.date(2020, 1, 25),
        "modified_at": datetime.datetime(2020, 2, 1, 1, tzinfo=datetime.UTC),
        "contributors": list(contributors),
        "regions": [Link("Japan"), Link("East Asia")],
        "topics": [Link("Trade")],
        "words": 805,
        "minutes": 5,
        "text": Revision(),
        "lead_image": None,
        "publication": "Harbour Review",
        "publisher": "Tidewater University Press",
        "issn": "1837-5081",
        "doi": "",
        "licence": "CC BY 4.0",
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
    }
    return Metadata(**wanted | fields)


ALICE = person("Marlowe", "Alice")
ADA = person("Byron", "Ada K")
IN_ISSUE: dict[str, Any] = {
    "is_in_issue": True,
    "volume": "12",
    "issue": "3",
    "series": Link("Islands"),
    "doi": "10.59425/eabc.1755295200",
}
