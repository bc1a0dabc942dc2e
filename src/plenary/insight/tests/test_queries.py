"""Results and findings: in a constant number of queries, and only what the reader may see."""

from __future__ import annotations

import pytest

from plenary.insight import queries
from plenary.insight.models import Analysis, Finding
from plenary.records.models import Record, Visibility

from .factories import analyse, make_two_camps, make_votes

pytestmark = pytest.mark.django_db


def test_findings_come_by_kind_with_their_statements_and_figures():
    analysis = analyse(make_two_camps())
    found = queries.list_findings_of(analysis, None, "en")
    agreed = found[Finding.Kind.CONSENSUS][0]
    assert str(agreed.points[0].statement.said["title"]) in ("Idea 0.", "Idea 1.")
    assert agreed.everyone.percent == "100\u00a0%"
    assert [share.letter for share in agreed.shares] == ["A", "B"]
    position = found[Finding.Kind.POSITION][0]
    assert position.points[0].own.group == 0
    assert position.points[0].others == "0\u00a0%"


def test_findings_take_the_same_number_of_queries_however_many_there_are(django_assert_num_queries):
    many, few = analyse(make_two_camps()), analyse(make_votes([[1]] * 12))
    assert many.findings.count() > few.findings.count()
    for analysis in (many, few):
        with django_assert_num_queries(3):
            queries.list_findings_of(analysis, None, "en")


def test_the_first_of_a_kind_are_the_strongest_and_the_others_are_counted():
    analysis = analyse(make_two_camps())
    everything = queries.list_findings_of(analysis, None, "en")
    shown, counts = queries.list_strongest_findings(analysis, None, "en", 1)
    assert shown == {kind: found[:1] for kind, found in everything.items()}
    assert counts == {kind: len(found) for kind, found in everything.items() if found}
    assert max(counts.values()) > 1


def test_a_statement_that_is_hidden_is_not_shown_in_a_finding(charlie):
    analysis = analyse(make_two_camps())
    finding = analysis.findings.first()
    Record.objects.filter(pk=finding.statements.get().pk).update(visibility=Visibility.STAFF)
    assert queries.get_finding_for(charlie, finding.reference, "en").points[0].statement is None


def test_the_latest_result_is_the_last_that_is_done(alice):
    consultation = make_two_camps()
    first, second = analyse(consultation), analyse(consultation)
    assert queries.get_latest_analysis(None, consultation) == second
    Analysis.objects.filter(pk=second.pk).update(state=Analysis.State.FAILED)
    assert queries.get_latest_analysis(None, consultation) == first
    assert queries.get_newest_attempt(consultation) == second


def test_results_list_the_latest_of_every_consultation_that_the_reader_may_see(charlie, alice):
    one, other = make_two_camps(), make_two_camps()
    analyse(one), analyse(one), analyse(other)
    other.record.visibility = Visibility.STAFF
    other.record.save()
    assert [found.consultation for found in queries.list_results_for(charlie, "en")] == [one]
    assert {found.consultation for found in queries.list_results_for(alice, "en")} == {one, other}


def test_the_desk_sees_what_is_under_way_and_what_failed_last(alice):
    _done, failed, running = (analyse(make_two_camps()) for _ in range(3))
    Analysis.objects.filter(pk=failed.pk).update(state=Analysis.State.FAILED)
    Analysis.objects.filter(pk=running.pk).update(state=Analysis.State.RUNNING)
    assert queries.list_work("en") == [failed, running]
    analyse(failed.consultation)
    assert queries.list_work("en") == [running]


def test_rows_are_in_the_order_of_the_statements_numbers_and_have_their_words():
    analysis = analyse(make_two_camps())
    rows, page = queries.list_rows(analysis, None, "en", "1")
    assert page.paginator.count == 10
    assert [str(row.statement.said["title"]) for row in rows][:3] == ["Idea 0.", "Idea 1.", "Idea 2."]
    assert rows[2].everyone.votes == 32
    assert [share.votes for share in rows[2].shares] == [16, 16]


def test_findings_on_a_statement_name_the_newest_analysis_first():
    consultation = make_two_camps()
    analyse(consultation), analyse(consultation)
    statement = consultation.statements.order_by("record__number").first()
    found = queries.list_findings_on(None, statement, "en")
    numbers = [finding.analysis.record.number for finding in found]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 2


def test_edges_lead_from_statements_to_findings():
    analysis = analyse(make_two_camps())
    pairs = set(queries.edges_statement_to_finding())
    finding = analysis.findings.first()
    assert (finding.statements.get().pk, finding.pk) in pairs


def test_rows_are_found_by_their_words_and_come_in_the_order_asked_for():
    analysis = analyse(make_two_camps())
    rows, _ = queries.list_rows(analysis, None, "en", "1", words="idea 7")
    assert [str(row.statement.said["title"]) for row in rows] == ["Idea 7."]
    rows, _ = queries.list_rows(analysis, None, "en", "1", order="agree")
    assert {str(row.statement.said["title"]) for row in rows[:2]} == {"Idea 0.", "Idea 1."}, (
        "all agree on these"
    )
    assert set(queries.ORDERS) == {"agree", "disagree", "pass", "votes"}
