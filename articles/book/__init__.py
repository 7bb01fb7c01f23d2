"""The EPUB of a special feature or an issue (EPUB 3.3), for reading offline and for keeping.

`contents` gathers what stands in it, `xhtml` writes texts as books need them, `pictures` makes them small, `package`
binds it all. It is bound when somebody asks, from texts that lie ready; nothing of a book is kept but the small pictures,
so that a piece that was corrected or taken down is right, or gone, with the next copy.
"""
