"""``python -m plenary.people.tests.issuer PORT CALLBACK``: make the database, one client, the people; then serve."""

from __future__ import annotations

import os
import sys
from wsgiref.simple_server import make_server

os.environ["DJANGO_SETTINGS_MODULE"] = "plenary.people.tests.issuer.settings"

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

# E-mail address, whether the issuer has confirmed it, and the name.
PEOPLE = [
    ("bob@demo.example", True, "Bob from the office"),
    ("unconfirmed@demo.example", False, "Una"),
    ("elsewhere@other.example", True, "Elsa"),
    ("fresh@demo.example", True, "Fresh Face"),
]
PASSWORD = "the issuer's own word"


def main(port: int, callback: str) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    from allauth.account.models import EmailAddress
    from allauth.idp.oidc.models import Client
    from django.contrib.auth.models import User

    client = Client(
        id="plenary",
        name="Plenary",
        scopes="openid\nprofile\nemail",
        redirect_uris=callback,
        skip_consent=True,
    )
    client.set_secret("the client's secret")
    client.save()
    for email, confirmed, name in PEOPLE:
        user = User.objects.create_user(email.split("@")[0], email, PASSWORD, first_name=name)
        EmailAddress.objects.create(user=user, email=email, verified=confirmed, primary=True)
    with make_server("127.0.0.1", port, get_wsgi_application()) as server:
        print("ready", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
