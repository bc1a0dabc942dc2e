"""The style of the report: a calm page, light and dark, for phone, screen and paper."""

__all__ = ["STYLE"]

STYLE = """\
:root { color-scheme: light dark; --paper: #fff; --surface: #f6f5f1; --line: #d8d5cc; --ink: #1b1f24; --muted: #57606a;
  --agree: #0f766e; --disagree: #b0400f; --a: #0b57a4; --b: #b0400f; --c: #0f766e; --d: #7b4ba0; --e: #8a6100;
  --f: #a3195b; --g: #4a6b00; --h: #454c54; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171c; --surface: #1d2228; --line: #3a414a; --ink: #eceae4; --muted: #a9b1bb; --agree: #4fc3b5;
    --disagree: #f39a6b; --a: #7ab8f5; --b: #f39a6b; --c: #4fc3b5; --d: #c49be6; --e: #e0b44a;
    --f: #f08bb8; --g: #b5d15c; --h: #c9ced4; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif; }
main { max-inline-size: 46rem; margin-inline: auto; padding: 40px 16px 64px; }
h1 { font-size: 2.2rem; line-height: 1.2; font-weight: 650; margin: 0 0 8px; }
h2 { font-size: 1.53rem; line-height: 1.3; font-weight: 650; margin: 64px 0 12px; }
h3 { font-size: 1.06rem; font-weight: 650; margin: 24px 0 8px; }
p { margin: 0 0 12px; max-inline-size: 38em; }
.figures, .note, .rate, figcaption { color: var(--muted); }
p.note, .rate, figcaption { font-size: .89rem; }
.figures, .n, .rate { font-variant-numeric: tabular-nums; }
.summary { margin-block-start: 24px; font-size: 1.28rem; line-height: 1.5; }
.id { color: var(--muted); font-size: .8rem; overflow-wrap: anywhere; }
.statement { overflow-wrap: anywhere; quotes: none; unicode-bidi: isolate; }
strong { font-weight: 650; color: var(--ink); }
figure { margin: 0; }
svg { display: block; max-inline-size: 100%; block-size: auto; }
.opinion-bar { inline-size: 100%; max-inline-size: 22rem; block-size: 12px; margin-block: 6px 2px; }
ol, ul { padding-inline-start: 1.4em; margin: 0 0 16px; }
li { margin-block-end: 16px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; inline-size: 100%; }
th, td { text-align: start; vertical-align: top; padding: 8px 12px 8px 0; border-block-end: 1px solid var(--line); }
thead th { font-size: .89rem; font-weight: 400; color: var(--muted); }
.rates td:first-child { min-inline-size: 12rem; white-space: normal; } .rates td { white-space: nowrap; }
.rates { font-size: .89rem; font-variant-numeric: tabular-nums; }
.n { text-align: end; white-space: nowrap; }
.side { display: grid; grid-template-columns: 3em minmax(4rem, 1fr) auto; gap: 8px; align-items: center; }
.side { margin-block-start: 4px; }
.tag { font-weight: 650; white-space: nowrap; }
.t0 { color: var(--a); } .t1 { color: var(--b); } .t2 { color: var(--c); } .t3 { color: var(--d); }
.t4 { color: var(--e); } .t5 { color: var(--f); } .t6 { color: var(--g); } .t7 { color: var(--h); }
.g0 { fill: var(--a); } .g1 { fill: var(--b); } .g2 { fill: var(--c); }
.g3 { fill: var(--d); } .g4 { fill: var(--e); } .g5 { fill: var(--f); }
.g6 { fill: var(--g); } .g7 { fill: var(--h); }
.mark.none { fill: none; stroke: var(--muted); }
.group-letter { stroke: var(--paper); }
.axis { stroke: var(--line); }
.legend { fill: var(--ink); }
.agree { fill: var(--agree); } .disagree { fill: var(--disagree); } .frame, .hatch { stroke: var(--muted); }
.interval { stroke: var(--ink); } .grid { stroke: var(--line); } svg .note { fill: var(--muted); }
.opinion-map, .group-profile, .division-consensus { inline-size: 100%; }
.group-profile, .division-consensus { max-inline-size: 30rem; margin-block: 8px; }
.key { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; padding: 0; margin: 8px 0; font-size: .89rem; }
.key li { margin: 0; }
summary { cursor: pointer; color: var(--muted); margin-block-end: 8px; }
.method { border-block-start: 1px solid var(--line); margin-block-start: 64px; }
.method h2 { margin-block-start: 24px; }
@media print { main { padding-block: 0; } h2 { break-after: avoid; } li, tr { break-inside: avoid; } }
"""
