"""Every kind of page, with an address in the demonstration and who looks at it: for crawling, weighing and pictures."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    name: str
    """The name of its address in the URL table; with a word more where one address has several faces."""
    path: str
    role: str | None = None
    status: int = 200


PAGES = [
    Kind("home", "/"),
    Kind("strategies", "/strategies"),
    Kind("strategy", "/strategies/STR-1"),
    Kind("strategy old", "/strategies/STR-1?version=1"),
    Kind("strategy before", "/strategies/STR-1?on=2001-01-01"),
    Kind("clause", "/strategies/STR-1/C2"),
    Kind("clause staff", "/strategies/STR-1/C2", "contributor"),
    Kind("strategy-compare", "/strategies/STR-1/compare?from=1&to=2"),
    Kind("strategy-compare side", "/strategies/STR-1/compare?from=1&to=2&view=side"),
    Kind("strategy-changes", "/strategies/STR-1/changes"),
    Kind("change", "/changes/CHG-3"),
    Kind("change rejected", "/changes/CHG-2"),
    Kind("change-propose", "/changes/new?clause=STR-1.C3", "contributor"),
    Kind("change-propose choose", "/changes/new", "contributor"),
    Kind("strategy-adopt", "/strategies/STR-1/adopt", "committee"),
    Kind("clause-translate", "/strategies/STR-1/T1/translate?lang=fr", "desk"),
    Kind("strategy-import", "/strategies/import", "desk"),
    Kind("consultations", "/consultations"),
    Kind("consultation", "/consultations/CON-1"),
    Kind("consultation closed", "/consultations/CON-2"),
    Kind("consultation-statements", "/consultations/CON-1/statements"),
    Kind("write-statement", "/consultations/CON-1/statements/new"),
    Kind("statement", "/statements/STM-2"),
    Kind("questions", "/questions"),
    Kind("question", "/questions/QST-1"),
    Kind("terms", "/terms"),
    Kind("moderation", "/consultations/CON-1/moderation", "desk"),
    Kind("moderation rejected", "/consultations/CON-1/moderation?state=rejected", "desk"),
    Kind("new-consultation", "/consultations/new?about=STR-1.C2", "desk"),
    Kind("results", "/results"),
    Kind("consultation-results", "/consultations/CON-1/results"),
    Kind("results-statements", "/consultations/CON-1/results/statements"),
    Kind("analysis", "/analyses/ANA-2"),
    Kind("finding", "/findings/FND-11"),
    Kind("commitments", "/commitments"),
    Kind("commitments silent", "/commitments?show=silent"),
    Kind("commitment", "/commitments/COM-2"),
    Kind("commitment owner", "/commitments/COM-2", "contributor"),
    Kind("new-commitment", "/commitments/new", "desk"),
    Kind("add-indicator", "/commitments/COM-2/indicators/new", "desk"),
    Kind("close-commitment", "/commitments/COM-2/close", "desk"),
    Kind("review-commitment", "/commitments/COM-2/review", "committee"),
    Kind("rounds", "/rounds"),
    Kind("round", "/rounds/RND-2"),
    Kind("round desk", "/rounds/RND-3", "desk"),
    Kind("open-round", "/rounds/new", "desk"),
    Kind("report", "/reports/REP-5"),
    Kind("review", "/reviews/REV-1"),
    Kind("meetings", "/meetings"),
    Kind("meetings desk", "/meetings", "desk"),
    Kind("meeting", "/meetings/MTG-2"),
    Kind("meeting desk", "/meetings/MTG-1", "desk"),
    Kind("decision", "/decisions/DEC-1"),
    Kind("trail", "/trail/STM-2"),
    Kind("record", "/r/ORG-1"),
    Kind("desk", "/desk", "desk"),
    Kind("desk contributor", "/desk", "contributor"),
    Kind("desk committee", "/desk", "committee"),
    Kind("sign-in", "/account/sign-in"),
    Kind("account_signup", "/account/sign-up"),
    Kind("account_signup_by_passkey", "/account/sign-up/passkey"),
    Kind("account_reset_password", "/account/forgotten"),
    Kind("account_reset_password_done", "/account/forgotten/sent"),
    Kind("account_reset_password_from_key_done", "/account/forgotten/done"),
    Kind("account_inactive", "/account/closed"),
    Kind("account", "/account", "contributor"),
    Kind("account_email", "/account/addresses", "contributor"),
    Kind("account_change_password", "/account/password", "contributor"),
    Kind("mfa_activate_totp", "/account/app", "contributor"),
    Kind("mfa_add_webauthn", "/account/passkeys/add", "contributor"),
    Kind("usersessions_list", "/account/sessions", "contributor"),
    Kind("account_reauthenticate", "/account/confirm", "contributor"),
    Kind("account_logout", "/account/sign-out", "contributor"),
    Kind("socialaccount_login_cancelled", "/account/with/cancelled"),
    Kind("socialaccount_login_error", "/account/with/error", status=401),
    Kind("tokens", "/account/tokens", "contributor"),
    Kind("roles", "/roles", "administrator"),
    Kind("organization-roles", "/roles/ORG-1", "administrator"),
    Kind("withdraw-role", "/roles/ORG-1/6/withdraw", "administrator"),
    Kind("style", "/style"),
    Kind("style-question", "/style/question"),
    Kind("api-page", "/api"),
    Kind("error 404", "/nowhere", status=404),
    Kind("error 403", "/consultations/CON-1/moderation", "contributor", 403),
]

# Asked for with GET, and no page: programs read them, a browser keeps them, or they send on.
NO_PAGES = {
    "analysis-result", "analysis-map", "health", "ready", "record-json", "round-snapshot", "source",
    "switch-language", "trail-data", "mfa_login_webauthn", "mfa_download_recovery_codes", "openid_connect_login",
    "openid_connect_callback",
} | {  # pages within a way that somebody has to have begun; the journeys look at those that they pass
    "edit-report", "mfa_authenticate", "mfa_signup_webauthn", "account_email_verification_sent",
    "account_reset_password_from_key", "invitation", "account_set_password", "mfa_deactivate_totp", "mfa_edit_webauthn",
    "mfa_remove_webauthn", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn", "socialaccount_connections", "socialaccount_signup", "withdraw-invitation",
}  # fmt: skip
