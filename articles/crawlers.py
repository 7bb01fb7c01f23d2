"""What machines are asked: search engines to read everything but what is nobody's page, those that gather text for
AI what the managing editor chose in the masthead, training apart from citing.

robots.txt (RFC 9309) asks each crawler by its name, and by `Content-Signal` (contentsignals.org) those that nobody has
named here. `/.well-known/tdmrep.json` (W3C TDM Reservation Protocol) reserves the rights of text and data mining where
training is not wanted. None of it can be enforced.
"""

from typing import Final

from articles.sitemaps import index_url
from articles.views.public import absolute
from forum.models import Masthead

CLOSED: Final = ("/admin/", "/accounts/", "/contribute/", "/referee/", "/search/?", "/search/suggest/")
# As their owners document them. Some are names that a crawler of another purpose looks for, such as Google-Extended.
TRAINING: Final = (
    "AI2Bot", "Amazonbot", "anthropic-ai", "Applebot-Extended", "Bytespider", "CCBot", "ClaudeBot", "cohere-training-data-crawler",
    "Diffbot", "GPTBot", "Google-Extended", "ICC-Crawler", "ImagesiftBot", "Kangaroo Bot", "Meta-ExternalAgent", "omgili",
    "omgilibot", "PanguBot", "Timpibot", "VelenPublicWebCrawler", "Webzio-Extended",
)  # fmt: skip
CITING: Final = (
    "ChatGPT-User", "Claude-SearchBot", "Claude-User", "cohere-ai", "DuckAssistBot", "Meta-ExternalFetcher", "MistralAI-User",
    "OAI-SearchBot", "PerplexityBot", "Perplexity-User", "PhindBot", "YouBot",
)  # fmt: skip


def robots(masthead: Masthead) -> str:
    """robots.txt. A crawler that has a group of its own reads no other, so those that are welcome have none."""
    signals = {"search": True, "ai-input": masthead.lets_ai_cite, "ai-train": masthead.lets_ai_train}
    lines = [
        "User-agent: *",
        "Content-Signal: " + ", ".join(f"{name}={'yes' if is_let else 'no'}" for name, is_let in signals.items()),
        *(f"Disallow: {path}" for path in CLOSED),
    ]
    for title, names, is_let in (
        ("Training of AI models: not with our pieces, please.", TRAINING, masthead.lets_ai_train),
        ("Answers by AI: not from our pieces, please.", CITING, masthead.lets_ai_cite),
    ):
        if not is_let:
            lines += ["", f"# {title}", *(f"User-agent: {name}" for name in names), "Disallow: /"]
    lines += ["", f"Sitemap: {index_url()}", f"Sitemap: {absolute('/sitemap-news.xml')}"]
    return "\n".join(lines) + "\n"


def mining_reservation(masthead: Masthead) -> list[dict[str, object]]:
    """tdmrep.json: whether the rights of text and data mining are reserved, for the whole site."""
    return [{"location": "/", "tdm-reservation": 0 if masthead.lets_ai_train else 1}]
