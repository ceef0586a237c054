/** What the dashboard has beside the report's style. */
export const dashboardStyle: string = `
[hidden] { display: none !important; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
header { display: grid; gap: .15rem; }
.state { margin: 0; font-size: .875rem; }
#link { display: inline-block; border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .7rem; color: var(--muted); }
#link.live { color: var(--good); border-color: currentColor; }
#link.gone { color: var(--bad); border-color: currentColor; }
.progress { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .75rem; margin: 1rem 0; font-size: .875rem; color: var(--muted); }
progress { flex: 1 1 12rem; height: .6rem; accent-color: var(--s1); }
h2 { margin-top: 2.25rem; }
.figures dd span { white-space: nowrap; }
.figures dd.bad span { color: var(--bad); }
.figures dd.warn span { color: var(--warn); }
.steer { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)) auto; gap: .75rem; align-items: end; max-width: 60rem; }
.steer label { display: grid; gap: .25rem; font-size: .8125rem; color: var(--muted); }
input { font: inherit; font-size: 1rem; color: var(--ink); background: var(--paper); border: 1px solid var(--muted);
  border-radius: .3rem; padding: .35rem .6rem; width: 100%; min-height: 2.5rem; }
input::placeholder { color: var(--muted); opacity: 1; }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem; margin: .75rem 0; }
main button { font: inherit; font-size: .9375rem; color: var(--ink); background: var(--surface); border: 1px solid var(--muted);
  border-radius: .3rem; padding: .35rem .9rem; min-height: 2.5rem; cursor: pointer; }
main button.main, main button[aria-pressed=true] { background: var(--s1); border-color: var(--s1); color: var(--paper); }
main button.grave { color: var(--bad); border-color: var(--bad); }
main button:disabled, input:disabled { opacity: .55; cursor: not-allowed; }
main button.span { font-size: .8125rem; min-height: 2rem; padding: .1rem .7rem; }
:is(input, button, dialog, .events, #steering):focus-visible { outline: 2px solid var(--s1); outline-offset: 2px; }
#said:empty { display: none; }
#said.bad { color: var(--bad); }
dialog { color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; padding: 1.25rem 1.5rem; max-width: min(32rem, calc(100vw - 2rem)); }
dialog h2 { margin: 0 0 .5rem; }
dialog::backdrop { background: rgb(0 0 0 / .5); }
.plot { min-height: 15.5rem; }
.charts .description { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.charts figure { position: relative; }
.plot canvas { display: block; }
thead th { text-align: right; }
thead th.text { text-align: left; }
.scroll table { width: 100%; }
.scroll:has(tbody:empty) { display: none; }
td.good { color: var(--good); }
td.warn { color: var(--warn); }
tr.now > * { background: var(--surface); font-weight: 600; }
.events { margin: 0; padding: 0; list-style: none; max-height: 22rem; overflow-y: auto; border: 1px solid var(--line); border-radius: .4rem; font-size: .875rem; }
.events:empty { display: none; }
.events li { display: grid; grid-template-columns: 4.5rem 1fr; gap: .5rem; padding: .35rem .75rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.events li:first-child { border-top: 0; }
.events time { color: var(--muted); text-align: right; }
.events .bad { color: var(--bad); }
.events .warn { color: var(--warn); }
@media (max-width: 40rem) {
  .steer { grid-template-columns: 1fr; }
  #errors tbody th { white-space: normal; overflow-wrap: anywhere; max-width: 8.5rem; }
  .events li { grid-template-columns: 3.5rem 1fr; }
}
`
