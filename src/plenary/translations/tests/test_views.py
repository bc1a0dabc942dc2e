from __future__ import annotations

import pytest

from plenary.participation.tests.factories import make_statements
from plenary.records.actions import put_translation
from plenary.records.models import Translation
from plenary.translations.tests.factories import by_machine, make_pool

pytestmark = pytest.mark.django_db


def page_of(client, address, status=200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content.decode()[:500]
    return " ".join(response.content.decode().split())


@pytest.fixture
def pool(db):
    consultation, made = make_pool("One.", "Two.")
    return consultation, made


def test_the_overview_says_how_far_everything_is(client, pool, bob):
    put_translation(text=pool[1][0].record.title, language="fr", body="Une.")
    client.force_login(bob)
    page = page_of(client, "/translations")
    cell = page.split('<a href="/translations/fr?of=CON-1">')[1]
    assert cell.startswith("25") and "3 left" in cell
    assert "open now" in page


def test_strangers_and_passers_by_see_nothing(client, pool, charlie):
    assert client.get("/translations").status_code == 302
    client.force_login(charlie)
    for address in (
        "/translations",
        "/translations/fr",
        "/translations/fr/import",
        "/translations/fr/export",
    ):
        assert client.get(address).status_code == 403
    text = pool[1][0].record.title_id
    assert client.post(f"/translations/fr/{text}", {"body": "Une."}).status_code == 403
    assert not Translation.objects.exists()


def test_a_translation_is_entered_beside_its_original_and_leads_on_to_the_next(client, pool, bob):
    client.force_login(bob)
    page = page_of(client, "/translations/fr?of=CON-1")
    first, second = (each.record.title_id for each in pool[1])
    assert page.index(f'id="body-{first}"') < page.index(f'id="body-{second}"')
    sent = {"body": "Une.", "seen": "none", "query": "of=CON-1", "next": str(second)}
    answer = client.post(f"/translations/fr/{first}", sent)
    assert answer.status_code == 302 and answer["location"] == f"/translations/fr?of=CON-1#text-{second}"
    page = page_of(client, answer["location"])
    assert f'id="body-{first}"' not in page and "The translation is saved." in page
    assert "Go on where you were" in page_of(client, "/translations")


def test_htmx_gets_the_text_alone(client, pool, bob):
    client.force_login(bob)
    text = pool[1][0].record.title_id
    head = {"HX-Request": "true"}
    page = client.post(
        f"/translations/fr/{text}", {"body": "Une.", "seen": "none"}, headers=head
    ).content.decode()
    assert "<html" not in page and "saved" in page
    again = client.post(f"/translations/fr/{text}", {"body": "Deux.", "seen": "none"}, headers=head)
    assert (
        again.status_code == 409
        and "Une." in again.content.decode()
        and "Deux.</textarea>" in again.content.decode()
    )


def test_a_conflict_shows_both_wordings_and_saving_again_replaces(client, pool, alice, bob):
    text = pool[1][0].record.title
    put_translation(text=text, language="fr", body="Une.", by=alice)
    client.force_login(bob)
    address = f"/translations/fr/{text.pk}"
    refused = client.post(address, {"body": "Un.", "seen": "none"})
    page = refused.content.decode()
    assert refused.status_code == 409 and "Une." in page and "Un.</textarea>" in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    assert client.post(address, {"body": "Un.", "seen": seen}).status_code == 302
    assert "Une." in page_of(client, address)  # in its history


def test_what_cannot_be_taken_is_said_beside_what_was_typed(client, pool, bob):
    client.force_login(bob)
    text = pool[1][0].record.title_id
    empty = client.post(f"/translations/fr/{text}", {"body": "  "})
    assert empty.status_code in (409, 422) and not Translation.objects.exists()
    marked = client.post(f"/translations/fr/{text}", {"body": "<script>x</script>"})
    assert marked.status_code == 409 and "&lt;script&gt;" in marked.content.decode()


def test_bad_addresses(client, pool, bob):
    client.force_login(bob)
    text = pool[1][0].record.title_id
    for address in (
        "/translations/not a tag", "/translations/fr?of=CON-99", f"/translations/en/{text}", "/translations/fr/999999",
        "/translations/fr/export?format=doc", "/translations/fr/export?format=xlf",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    assert client.post("/translations").status_code == 405
    assert client.get("/translations/fr/machine").status_code in (403, 405)


def test_the_states_are_tabs_and_a_second_language_stands_beside(client, pool, bob):
    by_machine(pool[1][0], "Une.")
    put_translation(text=pool[1][1].record.title, language="es", body="Dos.")
    client.force_login(bob)
    page = page_of(client, "/translations/fr?of=CON-1&state=machine&beside=es")
    assert "Une.</textarea>" in page and f'id="body-{pool[1][1].record.title_id}"' not in page
    page = page_of(client, "/translations/fr?of=CON-1&state=missing&beside=es")
    assert "Dos." in page


def test_the_desk_says_how_many_wait(client, pool, bob, charlie):
    client.force_login(bob)
    assert "translations are missing or stale in" in page_of(client, "/desk")
    client.force_login(charlie)
    assert "missing or stale" not in page_of(client, "/desk")


def test_a_card_says_what_is_doubtful_and_leads_translators_to_it(client, pool, bob):
    by_machine(pool[1][0], "Une.")
    by_machine(pool[1][1], "Deux.")
    link = "Suggest a better translation"
    page = page_of(client, "/consultations/CON-1?lang=fr")
    assert "made by a machine and not reviewed" in page and link not in page
    listed = page_of(client, "/consultations/CON-1/statements?lang=fr")
    assert listed.count("(machine translation)") == 2
    client.force_login(bob)
    assert link in page_of(client, "/consultations/CON-1?lang=fr")


def test_a_long_list_is_paged(client, pool, bob):
    make_statements(pool[0], *(f"Statement {number}." for number in range(30)))
    client.force_login(bob)
    page = page_of(client, "/translations/fr?of=CON-1")
    assert page.count("<textarea") == 10 and 'rel="next"' in page
