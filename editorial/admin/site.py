"""The desk as a whole: what it is called, how one signs in, and what other packages may not show there."""

from allauth.account import admin as account_admin
from allauth.mfa import admin as mfa_admin
from allauth.usersessions import admin as sessions_admin
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from procrastinate.contrib.django import admin as jobs_admin
from taggit import admin as tag_admin

from accounts.views import desk_login

# Imported, so that what they register is registered by now and can be taken out.
ELSEWHERE = (account_admin, mfa_admin, sessions_admin, auth_admin, jobs_admin, tag_admin)
OURS = frozenset({"accounts", "authors", "articles", "editorial", "forum"})

# Jobs, sessions, second steps and address rows are no business of an editor's: their pages would go round our rules.
for model in list(admin.site._registry):
    if model._meta.app_label not in OURS:
        admin.site.unregister(model)

admin.site.site_header = "Desk"
admin.site.site_title = "Desk"
admin.site.index_title = "Desk"
admin.site.enable_nav_sidebar = False
admin.site.empty_value_display = "–"
# Rate limits and the second step hold for the desk too; who has no role there is told so.
admin.site.login = desk_login  # type: ignore[method-assign]
