"""The forms of the account pages: allauth's, with our words and a name."""

from typing import Any, ClassVar

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from accounts import addresses, names
from accounts.models import User

KEY_NOT_READ = "The key’s answer could not be read. Try again, or take another way."
PHRASE_HELP = "At least 12 characters: three or four words in a row are easy to remember. Your browser can make one."


def name_field() -> forms.CharField:
    return NameField(
        label="Your name",
        # A little room for what `tidy` removes; the validator counts what is left.
        max_length=names.MAX_LENGTH * 2,
        help_text="As editors and co-authors will see it. How your name stands on a piece is settled with each piece.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class NameField(forms.CharField):
    def clean(self, value: Any) -> str:
        """The tidied name, refused if it is none."""
        name = names.tidy(super().clean(value))
        if self.required and not name:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        names.validate_name(name)
        return name


class PlainForm:
    """Words and attributes that allauth sets in its own way: labels that stay visible instead of placeholders."""

    fields: dict[str, forms.Field]
    labels: ClassVar[dict[str, str]] = {
        "login": "E-mail address",
        "email": "E-mail address",
        "password": "Password",
        "password1": "Password",
        "oldpassword": "Present password",
        "remember": "Keep me signed in on this device",
        "code": "Code",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The page names every error in a summary and beside its field; the browser's own bubble would hide both.
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            if name in ("login", "email"):
                field.widget.attrs |= {"autocomplete": "username" if name == "login" else "email", "inputmode": "email"}
                field.widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
                field.validators.append(MaxLengthValidator(254, "No e-mail address is as long as this. Check it."))
                field.error_messages["invalid"] = "This is not an e-mail address. It looks like name@example.org."
            if name == "code":
                field.widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false", "class": "code"}
            if name in ("password", "oldpassword"):
                # The way to a reset stands under the form, where it is a link among links.
                field.help_text = ""


class LoginForm(PlainForm, allauth_forms.LoginForm):
    pass


class SignupForm(PlainForm, allauth_forms.SignupForm):
    """Name, address and one password: who mistypes it can reset it, and password managers fill one field."""

    name = name_field()
    field_order: ClassVar[list[str]] = ["name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = PHRASE_HELP

    def clean(self) -> dict[str, Any]:
        """As allauth does, but the password is compared with the name too."""
        cleaned = super(allauth_forms.SignupForm, self).clean() or self.cleaned_data
        if password := self.cleaned_data.get("password1"):
            person = User(email=self.cleaned_data.get("email", ""), name=self.cleaned_data.get("name", ""))
            try:
                get_adapter().clean_password(password, user=person)
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return cleaned

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """A user, their role and their address together or not at all; of two at the same moment, one is told."""
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)


class OnePasswordForm(PlainForm):
    """A new password is typed once: it can be shown, pasted and reset."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        self.fields["password1"].label = "New password"
        self.fields["password1"].help_text = PHRASE_HELP


class ChangePasswordForm(OnePasswordForm, allauth_forms.ChangePasswordForm):
    pass


class SetPasswordForm(OnePasswordForm, allauth_forms.SetPasswordForm):
    pass


class ResetPasswordForm(PlainForm, allauth_forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(OnePasswordForm, allauth_forms.ResetPasswordKeyForm):
    def save(self) -> None:
        super().save()
        addresses.confirm_if_only(self.user)


class ReauthenticateForm(PlainForm, allauth_forms.ReauthenticateForm):
    pass


class AddEmailForm(PlainForm, allauth_forms.AddEmailForm):
    labels: ClassVar[dict[str, str]] = {"email": "New e-mail address"}


class ConfirmEmailVerificationCodeForm(PlainForm, allauth_forms.ConfirmEmailVerificationCodeForm):
    pass


class AuthenticateForm(PlainForm, mfa_forms.AuthenticateForm):
    pass


class MfaReauthenticateForm(PlainForm, mfa_forms.ReauthenticateForm):
    pass


class ActivateTOTPForm(PlainForm, totp_forms.ActivateTOTPForm):
    pass


class CredentialForm:
    """What a browser's key answers comes as JSON from outside; fido2 trips over any that is not of its shape."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as problem:
            raise forms.ValidationError(KEY_NOT_READ) from problem


class LoginWebAuthnForm(CredentialForm, webauthn_forms.LoginWebAuthnForm):
    pass


class AuthenticateWebAuthnForm(CredentialForm, webauthn_forms.AuthenticateWebAuthnForm):
    pass


class ReauthenticateWebAuthnForm(CredentialForm, webauthn_forms.ReauthenticateWebAuthnForm):
    pass


class AddWebAuthnForm(PlainForm, webauthn_forms.AddWebAuthnForm):
    labels: ClassVar[dict[str, str]] = {"name": "Name of the key", "passwordless": "Sign in with this key alone"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].help_text = "No password is asked for; the device must know PIN, finger or face."

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as problem:
            raise forms.ValidationError(KEY_NOT_READ) from problem


class EditWebAuthnForm(PlainForm, webauthn_forms.EditWebAuthnForm):
    labels: ClassVar[dict[str, str]] = {"name": "Name of the key"}


class NameForm(forms.ModelForm):
    name = name_field()

    class Meta:
        model = User
        fields = ("name",)
