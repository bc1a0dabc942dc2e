"""Codes that a camera reads, as SVG: for paper, posters and screens."""

from __future__ import annotations


def svg(address: str) -> str:
    """The QR code of an address as a standalone SVG picture: black on white, with its quiet zone, no script.

    Error correction is of level M (15 %): a folded sheet can still be read.
    """
    import qrcode
    from qrcode.image.svg import SvgPathFillImage

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, box_size=10)
    code.add_data(address)
    code.make(fit=True)
    drawn: bytes = code.make_image(image_factory=SvgPathFillImage).to_string()
    return drawn.decode("ascii")
