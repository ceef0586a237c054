/** The report's style sheet: light, dark and on paper. Colours `s1` … `s6` are those of the charts' series. */
export const style: string = `
:root {
  color-scheme: light dark;
  --ink: #1d2430; --muted: #5a6573; --paper: #ffffff; --surface: #f5f7f9; --line: #d9dfe6;
  --good: #14713a; --warn: #8a5a00; --bad: #b3202c;
  --good-tint: #e9f6ee; --warn-tint: #fdf4dd; --bad-tint: #fdecec;
  --s1: #1566c0; --s2: #c2410c; --s3: #14805e; --s4: #8a3ffc; --s5: #9a6b00; --s6: #7a8594;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4e9ef; --muted: #9aa7b5; --paper: #12161c; --surface: #1a2028; --line: #303945;
    --good: #5fd08b; --warn: #e8b44c; --bad: #ff8d8d;
    --good-tint: #15291d; --warn-tint: #2d2411; --bad-tint: #331a1d;
    --s1: #62a8ff; --s2: #ff9a5c; --s3: #49c9a0; --s4: #bb92ff; --s5: #e0b44a; --s6: #8b97a6;
  }
}
@media print {
  :root {
    color-scheme: light;
    --ink: #000000; --muted: #444444; --paper: #ffffff; --surface: #ffffff; --line: #bbbbbb;
    --good: #14713a; --warn: #8a5a00; --bad: #b3202c;
    --good-tint: #ffffff; --warn-tint: #ffffff; --bad-tint: #ffffff;
    --s1: #1566c0; --s2: #c2410c; --s3: #14805e; --s4: #8a3ffc; --s5: #9a6b00; --s6: #7a8594;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 76rem; padding: 1.5rem clamp(1rem, 3vw, 2.5rem) 4rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif;
  font-variant-numeric: tabular-nums;
}
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 2.75rem 0 .75rem; }
p { margin: 0 0 .5rem; max-width: 46rem; text-wrap: pretty; }
a { color: var(--s1); }
code, pre { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: .85em; }
.note { color: var(--muted); font-size: .875rem; overflow-wrap: anywhere; }
.verdict { border-left: .3rem solid; border-radius: .25rem; margin: 1.25rem 0; padding: .9rem 1.1rem; }
.verdict h2 { margin: 0; color: inherit; }
.verdict p, .verdict li { color: var(--ink); }
.verdict ul { margin: .4rem 0 0; padding-left: 1.1rem; }
.verdict p { margin: .15rem 0 0; }
.valid { border-color: var(--good); background: var(--good-tint); color: var(--good); }
.suspect { border-color: var(--warn); background: var(--warn-tint); color: var(--warn); }
.invalid { border-color: var(--bad); background: var(--bad-tint); color: var(--bad); }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); margin: 0;
  border: 1px solid var(--line); border-radius: .4rem; overflow: hidden; }
.figures div { box-shadow: 0 0 0 .5px var(--line); padding: .75rem 1rem; }
.figures dt { color: var(--muted); font-size: .8125rem; }
.figures dd { margin: 0; font-size: 1.35rem; line-height: 1.35; }
.figures small { color: var(--muted); display: block; font-size: .8125rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 2rem 2rem; }
figure { margin: 0; min-width: 0; break-inside: avoid; }
figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .5rem; font-weight: 600; font-size: .9375rem; }
figcaption .unit { color: var(--muted); font-weight: 400; font-size: .8125rem; }
figcaption button { margin-left: auto; font: inherit; font-weight: 400; font-size: .8125rem; color: var(--muted);
  background: none; border: 1px solid var(--line); border-radius: .25rem; padding: .1rem .5rem; cursor: pointer; }
figcaption button[aria-pressed=true] { color: var(--paper); background: var(--s1); border-color: var(--s1); }
.plot { min-height: 17rem; margin-top: .25rem; }
.description { color: var(--muted); font-size: .8125rem; margin: .15rem 0 0; }
.u-legend { text-align: left; font-size: .8125rem; }
.u-legend th { font-weight: 400; }
.u-legend .u-series:first-child .u-marker { display: none; }
.u-legend th, .u-legend td { padding: .1rem .25rem; border: 0; background: none; position: static; }
.u-legend .u-series > * { padding: .1rem .2rem; }
.u-legend .u-series { max-width: 100%; }
.u-legend .u-label { white-space: normal; overflow-wrap: anywhere; }
.u-legend .u-value { min-width: 3.5rem; text-align: left; }
.u-legend .u-marker { width: .8rem; height: .8rem; border-radius: .15rem; }
.u-select { background: color-mix(in srgb, var(--s1) 15%, transparent); }
.u-cursor-x, .u-cursor-y { border-color: var(--muted) !important; }
.scroll { overflow-x: auto; width: fit-content; max-width: 100%; border: 1px solid var(--line); border-radius: .4rem; }
.scroll:focus-visible, button:focus-visible, summary:focus-visible { outline: 2px solid var(--s1); outline-offset: 2px; }
.scroll + .note, .scroll + details { margin-top: .6rem; }
table { border-collapse: collapse; min-width: 20rem; font-size: .875rem; }
caption { text-align: left; padding: .6rem 0; color: var(--muted); font-size: .8125rem; }
caption span { display: inline-block; position: sticky; left: .75rem; margin-left: .75rem; max-width: calc(100vw - 4.5rem); }
th, td { padding: .35rem .75rem; text-align: right; white-space: nowrap; border-top: 1px solid var(--line); }
thead th { color: var(--muted); font-weight: 500; font-size: .8125rem; vertical-align: bottom; }
th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper); }
tbody th { font-weight: 500; }
td.text, th.text { text-align: left; }
td.wide { white-space: normal; min-width: 16rem; overflow-wrap: anywhere; }
td.bad { color: var(--bad); }
abbr:focus-visible::after { content: attr(title); display: block; max-width: 18rem; white-space: normal; font-weight: 400; color: var(--muted); text-align: left; }
abbr:focus-visible { outline: 2px solid var(--s1); outline-offset: 2px; }
abbr { text-decoration: underline dotted var(--muted); text-underline-offset: .2em; cursor: help; }
details { margin-top: .6rem; }
summary { cursor: pointer; color: var(--muted); font-size: .875rem; }
details dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; font-size: .875rem; }
details dl dd { margin: 0; }
pre { overflow-x: auto; background: var(--surface); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem 1rem;
  line-height: 1.45; tab-size: 2; }
.first { margin: .2rem 0 0; padding: 0; list-style: none; color: var(--muted); font-size: .8125rem; }
.first li { overflow-wrap: anywhere; }
.wide-chart { grid-column: 1 / -1; }
.wide-chart .plot { min-height: 0; }
.scroll + .charts, .charts + .scroll, details + .charts, .scroll + .scroll, details + .scroll { margin-top: 1.5rem; }
.readout { color: var(--muted); font-size: .8125rem; min-height: 1.25rem; margin: .15rem 0 0; }
.points { margin-top: .25rem; }
.points summary { font-size: .8125rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.keys { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 0 0 .75rem; padding: 0; list-style: none; font-size: .8125rem; }
.key { vertical-align: -.1em; margin-right: .2rem; }
.parts { display: grid; grid-template-columns: max-content 1fr; gap: .4rem .75rem; align-items: center; font-size: .875rem; margin-bottom: 1rem; }
.part-title { max-width: 14rem; overflow-wrap: anywhere; }
.part-bar { width: 100%; display: block; }
.part-late { fill: var(--bad); } .part-waiting { fill: var(--s5); } .part-tcp { fill: var(--s4); } .part-tls { fill: var(--s6); }
.part-first-byte { fill: var(--s1); } .part-transfer { fill: var(--s3); } .part-request { fill: var(--s2); }
.x-comment, .x-other { color: var(--muted); } .x-name { color: var(--s1); } .x-value { color: var(--s3); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 1rem 0 0; padding: 0; list-style: none; font-size: .875rem; }
nav a { display: inline-block; padding: .1rem 0; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .25rem .5rem; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); }
@media (max-width: 32rem) {
  th, td { padding: .3rem .5rem; }
  .figures { grid-template-columns: 1fr 1fr; }
  .parts { grid-template-columns: 1fr; gap: .15rem; }
  .part-bar { margin-bottom: .4rem; }
  .figures dd { font-size: 1.15rem; }
  details dl { grid-template-columns: 1fr; gap: 0; }
  details dl dd { margin-bottom: .5rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  .charts { grid-template-columns: 1fr 1fr; gap: 1rem; }
  .plot { min-height: 0; }
  .scroll { overflow: visible; border: 0; }
  th, td, thead th { padding: .15rem .3rem; font-size: 8pt; white-space: normal; }
  tr, .verdict { break-inside: avoid; }
  h2 { break-after: avoid; }
  figcaption button, .points, .readout, nav { display: none; }
}
`
