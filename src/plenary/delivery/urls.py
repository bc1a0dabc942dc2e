from django.urls import path

from . import views

urlpatterns = [
    path("commitments", views.commitment_list, name="commitments"),
    path("commitments/new", views.new_commitment, name="new-commitment"),
    path("commitments/<str:reference>", views.commitment, name="commitment"),
    path("commitments/<str:reference>/close", views.close_commitment, name="close-commitment"),
    path("commitments/<str:reference>/indicators/new", views.add_indicator, name="add-indicator"),
    path("commitments/<str:reference>/reports", views.start_report, name="start-report"),
    path("commitments/<str:reference>/review", views.review_commitment, name="review-commitment"),
    path("rounds", views.round_list, name="rounds"),
    path("rounds/new", views.open_round, name="open-round"),
    path("rounds/<str:reference>", views.round_page, name="round"),
    path("rounds/<str:reference>/close", views.close_round, name="close-round"),
    path("rounds/<str:reference>/reopen", views.reopen_round, name="reopen-round"),
    path("rounds/<str:reference>/snapshots/<str:sha256>.json", views.round_snapshot, name="round-snapshot"),
    path("reports/<str:reference>", views.report, name="report"),
    path("reports/<str:reference>/edit", views.edit_report, name="edit-report"),
    path("reports/<str:reference>/accept", views.accept_report, name="accept-report"),
    path("reports/<str:reference>/return", views.return_report, name="return-report"),
    path("reviews/<str:reference>", views.review, name="review"),
]
