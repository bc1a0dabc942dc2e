from django.urls import path

from . import (
    compare_views,
    data_views,
    integrity_views,
    lens_views,
    map_views,
    report_views,
    series_views,
    views,
)

urlpatterns = [
    path("results", views.results_index, name="results"),
    path("results/compare", compare_views.compare_two, name="compare-results"),
    path("consultations/<str:reference>/results", views.results, name="consultation-results"),
    path("consultations/<str:reference>/results/map", map_views.results_map, name="results-map"),
    path("consultations/<str:reference>/results/statements", views.statements, name="results-statements"),
    path("consultations/<str:reference>/results/short-list", views.short_list, name="results-list"),
    path("consultations/<str:reference>/results/themes", series_views.themes, name="results-themes"),
    path("consultations/<str:reference>/results/time", series_views.over_time, name="results-time"),
    path("consultations/<str:reference>/results/compare", compare_views.compare, name="results-compare"),
    path("consultations/<str:reference>/results/data", data_views.data, name="results-data"),
    path("consultations/<str:reference>/results/people", lens_views.people, name="results-people"),
    path("consultations/<str:reference>/results/report", report_views.report, name="results-report"),
    path("consultations/<str:reference>/results/report.pdf", report_views.report_pdf, name="report-pdf"),
    path("consultations/<str:reference>/analyses", views.start, name="start-analysis"),
    path("consultations/<str:reference>/integrity", integrity_views.integrity, name="integrity"),
    path("analyses/<str:reference>", views.analysis, name="analysis"),
    path("analyses/<str:reference>/result.json", views.result_json, name="analysis-result"),
    path("analyses/<str:reference>/package.zip", data_views.package_zip, name="analysis-package"),
    path("analyses/<str:reference>/map.svg", views.map_svg, name="analysis-map"),
    path("findings/<str:reference>", views.finding, name="finding"),
]
