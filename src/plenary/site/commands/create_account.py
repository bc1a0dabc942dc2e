from __future__ import annotations

import argparse
import getpass
import sys

NAME = "create-account"
HELP = "Create an account with a role, for example the first administrator of a new installation."
EPILOG = """\
example:
  plenary create-account ada@example.org --role administrator --organization "Ministry of Digital Affairs"

The password is asked for, or read from standard input with --password-stdin."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument("email")
    parser.add_argument("--name", default="", help="how the person is called on pages")
    parser.add_argument(
        "--role",
        default="administrator",
        help="contributor, approver, desk, committee, adviser or administrator",
    )
    parser.add_argument(
        "--organization", required=True, help="its name or reference (ORG-1); made where there is none"
    )
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def run(args: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email
    from django.db import transaction
    from django.utils import timezone

    from plenary.people.actions import create_account, grant_role
    from plenary.people.models import Role, User
    from plenary.records.actions import create_organization
    from plenary.records.models import Organization
    from plenary.site.database import is_ready

    if not is_ready():
        return 1
    try:
        validate_email(args.email)
        if args.role not in Role.values:
            raise ValidationError(f"There is no role {args.role!r}: use one of {', '.join(Role.values)}.")
        if User.objects.filter(email=args.email.lower()).exists():
            raise ValidationError(f"There is an account {args.email} already.")
        password = sys.stdin.readline().rstrip("\n") if args.password_stdin else getpass.getpass("Password: ")
        validate_password(password)
    except ValidationError as error:
        print("plenary: " + " ".join(error.messages), file=sys.stderr)
        return 2
    now = timezone.now()
    with transaction.atomic():
        organization = (
            Organization.objects.filter(record__reference=args.organization).first()
            or Organization.objects.filter(record__title__body=args.organization).first()
            or create_organization(name=args.organization, language="en", kind="entity", by=None, now=now)
        )
        user = create_account(email=args.email, password=password, name=args.name)
        grant_role(user=user, organization=organization, role=args.role, by=None, now=now)
    print(f"Account {args.email} is {args.role} of {organization.reference}.")
    return 0
