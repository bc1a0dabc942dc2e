from __future__ import annotations

import argparse

NAME = "serve"
HELP = "Serve the pages and do the background work. An empty installation is set up first."
EPILOG = """\
examples:
  plenary serve
  plenary serve --port 8080
  PLENARY_ALLOWED_HOSTS=plenary.example.org plenary serve --host 0.0.0.0 --workers 2

Put a proxy with TLS in front of a public server and set PLENARY_HTTPS=true."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument("--port", type=_port, default=8000, help="port to listen on (default: 8000)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--workers", type=int, default=1, help="server processes (default: 1)")


def _port(value: str) -> int:
    number = int(value)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def run(args: argparse.Namespace) -> int:
    import django

    django.setup()
    from plenary.site import server

    refusal = server.prepare(args.host, args.port)
    if refusal:
        return refusal
    return server.serve(host=args.host, port=args.port, workers=args.workers)
