"""Pages and data are sent compressed, against guessing of secrets by their length as well as that can be done.

docs/decisions/0009-static-files-and-compression.md says why that is safe here.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

WORTH_IT = ("text/", "application/json", "application/problem+json", "application/geo+json", "image/svg+xml",
            "application/xml", "application/atom+xml", "application/feed+json")  # fmt: skip


class CompressionMiddleware(GZipMiddleware):
    """Django's, with its random padding, for what is text and whole.

    Archives and pictures are compressed already; a stream is sent as it comes, not held back to fill a block.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_text = response.get("Content-Type", "").startswith(WORTH_IT)
        if response.streaming or not is_text or not isinstance(response, HttpResponse):
            return response
        answer: HttpResponseBase = super().process_response(request, response)
        return answer
