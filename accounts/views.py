"""Pages of the account that are ours; signing up, in and out, resets and the second step are allauth's."""

from allauth.account.decorators import secure_admin_login
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import doors, roles
from accounts.forms import NameForm
from accounts.models import User


@never_cache
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Where a person goes after signing in: where a room above says, else those of the desk to the desk, all others to
    their pieces."""
    if found := list(filter(None, [door(request) for door in doors.AFTER_SIGN_IN])):
        return redirect(found[0])
    return redirect(reverse("admin:index" if request.user.is_staff else "contribute:home"))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """The account at a glance, with the name to change in place."""
    assert isinstance(request.user, User)
    # A fresh row: a name that is refused must not stand in the masthead of this page.
    form = NameForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your name is saved.")
        return redirect("accounts:overview")
    held = [name for name in roles.ALL if name in request.user.role_names]
    return render(request, "account/overview.html", {"form": form, "roles": held})


@secure_admin_login
def desk_login(request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
    """The desk's sign-in, in place of the admin's own: rate limits and the second step hold here too.

    Who is signed in without a role at the desk gets 403; who has one goes on to the page asked for.
    """
    return redirect(get_next_redirect_url(request) or reverse("admin:index"))
