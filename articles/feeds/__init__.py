"""Feeds: of everything, and of one region, topic, author or special feature, each in three formats.

`entries` gathers what they tell, `rss`, `atom` and `json` write it down, `views` knows which list is meant, and
`freshness` since when an address has had what it has.
"""
