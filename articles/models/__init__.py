from articles.models.article import Article, Byline, FormerAddress, Publication, Rendering, Revision
from articles.models.image import Image
from articles.models.listing import AuthorListing, RegionListing, SearchEntry, SeriesListing, TagListing
from articles.models.taxonomy import Region, Series, Tag, TaggedArticle

__all__ = [
    "Article",
    "AuthorListing",
    "Byline",
    "FormerAddress",
    "Image",
    "Publication",
    "Region",
    "RegionListing",
    "Rendering",
    "Revision",
    "SearchEntry",
    "Series",
    "SeriesListing",
    "Tag",
    "TagListing",
    "TaggedArticle",
]
