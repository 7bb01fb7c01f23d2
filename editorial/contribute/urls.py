"""Addresses of the authors' portal, all of them under /contribute/."""

from django.urls import path

from editorial.contribute import changes, coauthors, home, pick, pictures, piece, profile, steps, write

app_name = "contribute"

urlpatterns = [
    path("", home.home, name="home"),
    path("new/", write.new, name="new"),
    path("profile/", profile.profile, name="profile"),
    path("pictures/", pictures.library, name="pictures"),
    path("pieces/", pick.pieces, name="pieces"),
    path("join/<slug:token>/", coauthors.join, name="join"),
    path("invitations/<int:pk>/", coauthors.invitation, name="invitation"),
    path("<int:pk>/authors/", coauthors.authors, name="authors"),
    path("<int:pk>/byline/", coauthors.byline, name="byline"),
    path("<int:pk>/", piece.piece, name="piece"),
    path("<int:pk>/write/", write.write, name="write"),
    path("<int:pk>/changes/", changes.changes, name="changes"),
    path("<int:pk>/preview/", piece.preview, name="preview"),
    path("<int:pk>/<slug:transition>/", steps.step, name="step"),
]
