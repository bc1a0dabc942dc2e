"""Who gives which role where, invitations, and the pages for both."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from plenary.kit.errors import Refused
from plenary.people import actions, queries, rules
from plenary.people.models import Invitation, Membership, Role, User

from .conftest import PASSWORD
from .factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(unit):
    return make_user("adele", ("administrator", unit))


@pytest.fixture
def approver(office):
    return make_user("amir", ("approver", office))


def verbs(organization):
    return list(organization.record.events.order_by("id").values_list("verb", flat=True))


def invite(organization, by, now, email="new@demo.example", role="contributor"):
    return actions.invite(organization=organization, email=email, role=role, language="en", by=by, now=now)


# Rules


def test_administrators_give_every_role_everywhere_and_approvers_choose_their_contributors(
    admin, approver, alice, bob, charlie, office, unit
):
    assert rules.roles_given_by(admin, office) == list(Role)
    assert rules.roles_given_by(approver, office) == [Role.CONTRIBUTOR]
    assert rules.roles_given_by(approver, unit) == []
    for other in (alice, bob, charlie):
        assert not rules.may_give_roles_in(other, office) and not rules.may_give_roles(other)
    assert rules.may_give_roles(admin) and rules.may_give_roles(approver)


# Actions


def test_a_role_is_given_and_withdrawn_without_naming_the_person(admin, charlie, office, now):
    membership = actions.grant_role(user=charlie, organization=office, role="approver", by=admin, now=now)
    assert rules.is_approver_of(charlie, office)
    actions.withdraw_role(membership=membership, by=admin, now=now)
    assert not rules.is_approver_of(charlie, office)
    event = office.record.events.get(verb="role withdrawn")
    assert event.changes == {"role": ["approver", None], "user": "changed"} and event.actor == admin


def test_nobody_gives_more_than_the_own_rule_allows(approver, alice, charlie, office, unit, now):
    for by, organization, role in [
        (approver, office, "approver"),
        (approver, office, "administrator"),
        (approver, unit, "contributor"),
        (alice, office, "contributor"),
        (charlie, office, "contributor"),
    ]:
        with pytest.raises(PermissionDenied):
            actions.grant_role(user=charlie, organization=organization, role=role, by=by, now=now)
        with pytest.raises(PermissionDenied):
            invite(organization, by, now, role=role)
    assert not charlie.memberships.exists() and not Invitation.objects.exists()


def test_the_last_administrator_stays(admin, charlie, unit, office, now):
    own = Membership.objects.get(user=admin, role="administrator")
    with pytest.raises(Refused, match="last administrator"):
        actions.withdraw_role(membership=own, by=admin, now=now)
    other = actions.grant_role(user=charlie, organization=office, role="administrator", by=admin, now=now)
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    with pytest.raises(Refused, match="last administrator"):  # a closed account administrates nothing
        actions.withdraw_role(membership=own, by=admin, now=now)
    User.objects.filter(pk=charlie.pk).update(is_active=True)
    actions.withdraw_role(membership=own, by=admin, now=now)
    assert list(Membership.objects.filter(role="administrator")) == [other]


def test_an_invitation_is_accepted_once_by_the_account_with_its_address(admin, charlie, bob, office, now):
    invitation = invite(office, admin, now, email="Charlie@demo.example", role="approver")
    with pytest.raises(Refused, match="another e-mail address"):
        actions.accept_invitation(invitation=invitation, by=bob, now=now)
    actions.accept_invitation(invitation=invitation, by=charlie, now=now)
    assert rules.is_approver_of(charlie, office)
    invitation.refresh_from_db()
    assert (invitation.email, invitation.accepted_by, invitation.closed_at) == ("", charlie, now)
    with pytest.raises(Refused, match="no longer open"):
        actions.accept_invitation(invitation=invitation, by=charlie, now=now)
    assert verbs(office)[-3:] == ["invited", "role granted", "invitation accepted"]
    told = " ".join(str(event.changes) for event in office.record.events.all())
    assert "charlie" not in told.lower() and "@" not in told


def test_an_unconfirmed_address_accepts_nothing(admin, charlie, office, now):
    charlie.emailaddress_set.update(verified=False)
    invitation = invite(office, admin, now, email=charlie.email)
    with pytest.raises(Refused, match="another e-mail address"):
        actions.accept_invitation(invitation=invitation, by=charlie, now=now)


def test_invitations_expire_and_are_withdrawn(admin, charlie, office, now):
    invitation = invite(office, admin, now, email=charlie.email)
    late = now + actions.INVITATION_LASTS
    assert queries.get_invitation(queries.token_of(invitation), late - timedelta(seconds=1)) == invitation
    assert queries.get_invitation(queries.token_of(invitation), late) is None
    with pytest.raises(Refused, match="no longer open"):
        actions.accept_invitation(invitation=invitation, by=charlie, now=late)
    actions.withdraw_invitation(invitation=invitation, by=admin, now=now)
    invitation.refresh_from_db()
    assert invitation.email == "" and not invitation.is_open(now)
    with pytest.raises(Refused, match="accepted or withdrawn already"):
        actions.withdraw_invitation(invitation=invitation, by=admin, now=now)


def test_inviting_again_renews_the_invitation_and_ends_the_older_link(admin, office, now):
    first = queries.token_of(invite(office, admin, now))
    later = now + timedelta(days=10)
    second = queries.token_of(invite(office, admin, later))
    assert Invitation.objects.count() == 1
    assert queries.get_invitation(first, later) is None and queries.get_invitation(second, later) is not None


@pytest.mark.parametrize("token", ["", "x", "WzEsMV0:abc:def", "\u0661"])
def test_a_made_up_link_opens_nothing(token, now):
    assert queries.get_invitation(token, now) is None


def test_a_role_that_was_asked_for_at_once_is_one(admin, charlie, office, now):
    invitation = invite(office, admin, now, email=charlie.email)
    actions.grant_role(user=charlie, organization=office, role="contributor", by=admin, now=now)
    actions.accept_invitation(invitation=invitation, by=charlie, now=now)
    assert charlie.memberships.count() == 1


# Queries


def test_lists_cost_the_same_however_many_people(admin, office, now, django_assert_num_queries):
    def read():
        queries.list_organizations_given_by(admin, "en")
        queries.list_members(office)
        queries.list_invitations(office)

    for number in range(2):
        make_user(f"p{number}", ("contributor", office))
        invite(office, admin, now, email=f"i{number}@demo.example")
    admin = User.objects.get(pk=admin.pk)
    with django_assert_num_queries(6):
        read()
    for number in range(5):
        make_user(f"q{number}", ("contributor", office), ("approver", office))
        invite(office, admin, now, email=f"j{number}@demo.example")
    admin = User.objects.get(pk=admin.pk)
    with django_assert_num_queries(6):
        read()


# Pages


def test_an_administrator_sees_everybody_and_an_approver_the_own_organization(
    client, admin, approver, office
):
    client.force_login(admin)
    page = client.get("/roles").content.decode()
    assert "Strategy unit" in page and "Office of Schools" in page
    client.force_login(approver)
    page = client.get("/roles").content.decode()
    assert "Strategy unit" not in page and "Office of Schools" in page
    page = client.get(f"/roles/{office.reference}").content.decode()
    assert '<option value="contributor">' in page and '<option value="administrator">' not in page
    assert "amir@demo.example" in page and "alice@demo.example" not in page, "of the own people only"
    assert "invites its contributors" not in page and "Writes and submits the reports" in page


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/roles"),
        ("get", "/roles/{0}"),
        ("post", "/roles/{0}/invite"),
        ("post", "/roles/{0}/grant"),
        ("get", "/roles/{0}/{1}/withdraw"),
        ("post", "/roles/{0}/{1}/withdraw"),
        ("get", "/roles/{0}/invitations/{2}/withdraw"),
        ("post", "/roles/{0}/invitations/{2}/withdraw"),
    ],
)
def test_strangers_and_neighbours_pass_no_door(client, admin, bob, charlie, office, unit, now, method, path):
    invitation = invite(unit, admin, now)
    membership = Membership.objects.get(user=admin)
    address = path.format(unit.reference, membership.pk, invitation.pk)
    data = {"email": "x@demo.example", "role": "contributor", "language": "en", "person": admin.pk}
    assert getattr(client, method)(address, data)["Location"].startswith("/account/sign-in")
    neighbour = make_user("nadir", ("approver", office))
    for person in (charlie, bob, neighbour):
        client.force_login(person)
        status = getattr(client, method)(address, data).status_code
        assert status in (403, 404) or (person == neighbour and path == "/roles")
    assert Membership.objects.filter(pk=membership.pk).exists() and Invitation.objects.count() == 1
    assert Invitation.objects.get().is_open(now)


def test_somebody_new_is_invited_opens_an_account_and_takes_the_role(client, approver, office):
    client.force_login(approver)
    sent = client.post(
        f"/roles/{office.reference}/invite",
        {"email": "Noor@demo.example", "role": "contributor", "language": "fr"},
    )
    assert sent["Location"] == f"/roles/{office.reference}"
    page = client.get(sent["Location"]).content.decode()
    assert "on its way" in page and "noor@demo.example" in page
    (message,) = mail.outbox
    assert message.to == ["noor@demo.example"] and "Office of Schools" in message.body
    assert ": contributeur." in message.body.replace("\xa0", " ").replace(" :", ":"), "in the mail's language"
    link = re.search(r"http://testserver(/account/invitation/\S+)", message.body).group(1)

    client.logout()
    page = client.get(link).content.decode()
    assert "Office of Schools" in page and "amir" in page and "Open an account" in page
    lead = client.post(link)
    assert lead["Location"] == f"/account/sign-up?next={link}"
    form = client.get(lead["Location"]).content.decode()
    assert 'value="noor@demo.example"' in form and "gives no role" not in form
    assert re.search(r"invited to a role at <bdi[^>]*>Office of Schools</bdi>: contributor\.", form)
    entered = {"email": "noor@demo.example", "name": "Noor", "password1": "seven grey herons", "next": link}
    assert client.post("/account/sign-up", entered)["Location"] == link, "no code: the mail was read"
    assert "Accept the role" in client.get(link).content.decode()
    assert client.post(link)["Location"] == "/desk"
    noor = User.objects.get(email="noor@demo.example")
    assert noor.roles == {("contributor", office.pk)}
    assert client.get(link).status_code == 404
    client.force_login(approver)
    page = client.get(f"/roles/{office.reference}").content.decode()
    assert "Noor" in page and "accepted by" in page and page.count("<bdi>noor@demo.example</bdi>") == 1


def test_an_invitation_opens_the_door_where_accounts_are_by_invitation(client, admin, office, settings):
    settings.PLENARY_SIGN_UP = False
    token = queries.token_of(invite(office, admin, timezone.now()))
    client.post(f"/account/invitation/{token}")
    page = client.get("/account/sign-up").content.decode()
    assert "Open the account" in page and re.search(r'value="new@demo.example"[^>]* disabled', page)
    other = {"email": "other@demo.example", "password1": "seven grey herons"}
    client.post("/account/sign-up", other)
    opened = User.objects.exclude(pk=admin.pk).get()
    assert opened.email == "new@demo.example", "for the invited address only"


def test_who_has_an_account_signs_in_and_accepts(client, admin, charlie, office):
    link = (
        f"/account/invitation/{queries.token_of(invite(office, admin, timezone.now(), email=charlie.email))}"
    )
    lead = client.post(link, {"sign-in": ""})
    assert lead["Location"] == f"/account/sign-in?next={link}"
    back = client.post(lead["Location"], {"login": charlie.email, "password": PASSWORD})
    assert back["Location"] == link
    client.post(link)
    assert User.objects.get(pk=charlie.pk).roles == {("contributor", office.pk)}


def test_somebody_elses_invitation_is_explained_and_refused(client, admin, bob, unit):
    link = f"/account/invitation/{queries.token_of(invite(unit, admin, timezone.now()))}"
    client.force_login(bob)
    page = client.get(link).content.decode()
    assert "does not have this e-mail address" in page and "Accept the role" not in page
    assert client.post(link).status_code == 409


def test_one_more_role_is_given_and_withdrawn_on_the_page(client, admin, bob, office):
    client.force_login(admin)
    wrong = client.post(f"/roles/{office.reference}/grant", {"person": admin.pk, "role": "approver"})
    assert wrong.status_code == 422, "only people who are there"
    client.post(f"/roles/{office.reference}/grant", {"person": bob.pk, "role": "approver"})
    membership = Membership.objects.get(user=bob, role="approver")
    address = f"/roles/{office.reference}/{membership.pk}/withdraw"
    assert f'href="{address}" data-dialog' in client.get(f"/roles/{office.reference}").content.decode()
    page = client.get(address).content.decode()
    assert "Withdraw this role?" in page and bob.email in page and Membership.objects.filter(pk=membership.pk)
    assert client.post(address)["Location"] == f"/roles/{office.reference}"
    assert not Membership.objects.filter(pk=membership.pk).exists()
    (message,) = mail.outbox
    assert message.to == [bob.email] and "at Office of Schools: approver." in message.body
    assert client.get(address).status_code == 404


def test_two_people_of_one_name_are_told_apart(client, admin, bob, office, now):
    other = make_user("bob2", ("contributor", office))
    User.objects.filter(pk__in=[bob.pk, other.pk]).update(name="Bob")
    client.force_login(admin)
    page = client.get(f"/roles/{office.reference}").content.decode()
    for person in (bob, other):
        assert f"<bdi>{person.email}</bdi>" in page and f">Bob · {person.email}</option>" in page


def test_who_was_invited_is_told_in_that_language_and_who_gives_up_a_role_is_not_told(
    client, admin, charlie, office, unit, now
):
    invitation = invite(office, admin, now, email=charlie.email)
    Invitation.objects.update(language="fr")
    held = actions.accept_invitation(invitation=Invitation.objects.get(pk=invitation.pk), by=charlie, now=now)
    client.force_login(admin)
    client.post(f"/roles/{office.reference}/{held.pk}/withdraw")
    assert "contributeur." in mail.outbox.pop().body
    actions.grant_role(user=charlie, organization=office, role="administrator", by=admin, now=now)
    own = Membership.objects.get(user=admin)
    page = client.get(f"/roles/{unit.reference}/{own.pk}/withdraw").content.decode()
    assert "This is your own role" in page
    assert client.post(f"/roles/{unit.reference}/{own.pk}/withdraw")["Location"] == "/account"
    assert not mail.outbox


def test_an_invitation_is_withdrawn_after_a_question(client, admin, office, now):
    invitation = invite(office, admin, timezone.now())
    client.force_login(admin)
    address = f"/roles/{office.reference}/invitations/{invitation.pk}/withdraw"
    assert "new@demo.example" in client.get(address).content.decode()
    assert Invitation.objects.get().is_open(timezone.now())
    assert client.post(address)["Location"] == f"/roles/{office.reference}"
    assert not Invitation.objects.get().is_open(timezone.now())
    again = client.post(address)
    assert again.status_code == 409 and "accepted or withdrawn already" in again.content.decode()


def test_withdrawing_the_last_administrator_is_explained(client, admin, unit):
    client.force_login(admin)
    answer = client.post(f"/roles/{unit.reference}/{Membership.objects.get(user=admin).pk}/withdraw")
    assert answer.status_code == 409 and "last administrator" in answer.content.decode()


def test_a_mail_that_cannot_be_sent_leaves_the_invitation(client, admin, office, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    client.force_login(admin)
    entered = {"email": "new@demo.example", "role": "desk", "language": "en"}
    page = client.post(f"/roles/{office.reference}/invite", entered, follow=True).content.decode()
    assert "could not be sent" in page and Invitation.objects.count() == 1
