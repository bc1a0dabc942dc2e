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
    parser.add_argument(
        "--workers", type=_workers, default=1, help="server processes, of 8 threads each (default: 1)"
    )


def _port(value: str) -> int:
    number = int(value)
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def _workers(value: str) -> int:
    number = int(value)
    if not 0 < number <= 64:
        raise argparse.ArgumentTypeError("give at least one server process, and at most 64")
    return number


def address_of(host: str, port: int) -> str:
    """The address to open on this machine."""
    if host in ("127.0.0.1", "0.0.0.0", "::", "::1"):  # noqa: S104 — compared, not bound
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def run(args: argparse.Namespace) -> int:
    import django

    django.setup()
    from plenary.site import server

    refusal = server.prepare(args.host, args.port)
    if refusal:
        return refusal
    print(f"Plenary serves at {address_of(args.host, args.port)} (end with Ctrl-C)", flush=True)
    return server.serve(host=args.host, port=args.port, workers=args.workers)
