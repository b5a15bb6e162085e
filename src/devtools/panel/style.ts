/** The style sheet of the inspector's shadow root. Every colour of text has a contrast of at least 4.5 on its backgrounds. */
export const STYLE: string = `
:host {
  all: initial !important;
  display: contents !important;
  color-scheme: light dark !important;
  --back: light-dark(#ffffff, #1c1f23);
  --head: light-dark(#eef0f3, #282c32);
  --text: light-dark(#1d2127, #e6e8eb);
  --muted: light-dark(#555d69, #a9b1bd);
  --line: light-dark(#d5d9e0, #3b414a);
  --edge: light-dark(#868e9b, #7d8693);
  --selected: light-dark(#dfe9fb, #2d3b53);
  --accent: light-dark(#0b57d0, #8ab4f8);
  --good: light-dark(#126538, #7ccf9a);
  --warn: light-dark(#7d4a00, #f0c060);
  --error: light-dark(#b3261e, #f5968e);
  --chart-ms: light-dark(#0b57d0, #8ab4f8);
  --chart-fuel: light-dark(#126538, #7ccf9a);
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }

.frame {
  position: fixed; z-index: 2147483000; inset: auto 8px 8px auto;
  font: 12px/1.45 system-ui, sans-serif; color: var(--text); -webkit-text-size-adjust: 100%;
}
.outline { position: fixed; inset: 0; visibility: hidden; pointer-events: none; }
.frame[data-open] { inset: auto 0 0 0; height: var(--size); max-height: 100%; contain: layout style; }
.frame[data-open][data-side=right] { inset: 0 0 0 auto; height: auto; width: var(--size); max-width: 100%; }
.resizer { position: absolute; z-index: 2; inset: 0 0 auto; height: 7px; cursor: ns-resize; touch-action: none; }
[data-side=right] .resizer { inset: 0 auto 0 0; width: 7px; height: auto; cursor: ew-resize; }
.resizer:hover, .resizer:focus-visible { background: var(--accent); outline: none; }
.cover { position: fixed; z-index: 2147482999; inset: 0; cursor: crosshair; touch-action: none; }
.panel {
  height: 100%; display: flex; flex-direction: column; container: panel / inline-size;
  background: var(--back); border-top: 1px solid var(--edge); padding-bottom: env(safe-area-inset-bottom);
  box-shadow: 0 0 16px rgb(0 0 0 / .25); contain: layout style paint;
}
[data-side=right] > .panel { border: 0; border-left: 1px solid var(--edge); }
.toggle {
  background: var(--head); border: 1px solid var(--edge); border-radius: 14px; padding: 0 12px; min-height: 28px;
  box-shadow: 0 1px 6px rgb(0 0 0 / .3);
}
[data-open] > .toggle {
  position: absolute; z-index: 1; top: 3px; right: 3px; width: 28px; padding: 0; border-color: transparent; border-radius: 4px; box-shadow: none;
}
.head { display: flex; flex: none; align-items: stretch; background: var(--head); border-bottom: 1px solid var(--line); padding-right: 34px; min-height: 33px; }
.tablist { display: flex; flex: 1; min-width: 0; overflow-x: auto; scrollbar-width: none; }
.dock { align-self: center; flex: none; }
.problem { margin: 0; padding: 4px 8px; flex: none; overflow-wrap: anywhere; }
.problem:empty { display: none; }
.panels { flex: 1; min-height: 0; }
.tabpanel { height: 100%; overflow: auto; overscroll-behavior: contain; }

button, input, select, summary { font: inherit; color: inherit; }
button {
  min-height: 24px; min-width: 24px; padding: 1px 8px; border: 1px solid var(--edge); border-radius: 4px; background: var(--back); cursor: pointer;
}
button:hover:not(:disabled) { background: var(--selected); }
button:disabled { color: var(--muted); border-color: var(--line); cursor: default; }
button[aria-pressed=true]:not(.link) { background: var(--selected); border-color: var(--accent); }
.tablist > button { flex: none; border: 0; border-radius: 0; background: none; padding: 0 9px; color: var(--muted); border-bottom: 2px solid transparent; border-top: 2px solid transparent; }
.tablist > button:hover { color: var(--text); background: none; }
.tablist > button[aria-selected=true] { color: var(--text); border-bottom-color: var(--accent); }
.count { color: var(--error); font-variant-numeric: tabular-nums; white-space: pre; }
button.link { border: 0; background: none; padding: 0 6px; text-align: left; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
input:is([type=search], [type=text]), select { min-height: 24px; min-width: 0; padding: 1px 6px; border: 1px solid var(--edge); border-radius: 4px; background: var(--back); }
input[type=search] { width: 190px; }
input::placeholder { color: var(--muted); opacity: 1; }
input[type=checkbox] { margin: 0; width: 14px; height: 14px; accent-color: var(--accent); }
input[type=range] { display: block; width: 100%; height: 28px; margin: 0; accent-color: var(--accent); }
.choice { display: inline-flex; align-items: center; gap: 5px; min-height: 24px; cursor: pointer; }

.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; padding: 4px 8px; flex: none; }
.group { display: inline-flex; gap: 4px; }
.filled { display: flex; flex-direction: column; height: 100%; }
.bar.tight { padding-inline: 0; }
.filled > .bar { border-bottom: 1px solid var(--line); }
.split { display: grid; height: 100%; grid-template: minmax(0, 1fr) / minmax(300px, 2fr) minmax(0, 3fr); }
.first, .second { overflow: auto; overscroll-behavior: contain; min-width: 0; }
.second { border-left: 1px solid var(--line); padding: 4px 10px 8px; }
.list { flex: 1; min-height: 0; overflow: auto; }

h2 { font: inherit; font-weight: 600; margin: 4px 0; }
p { margin: 4px 0; overflow-wrap: anywhere; white-space: pre-line; }
.empty { padding: 4px 10px; }
.numbers, td, dd, output { font-variant-numeric: tabular-nums; }
.muted { color: var(--muted); }
.good { color: var(--good); }
.warn { color: var(--warn); }
.error { color: var(--error); }
pre { font: 11.5px/1.45 ui-monospace, monospace; margin: 4px 0; padding: 6px 8px; overflow: auto; max-height: 320px; border: 1px solid var(--line); border-radius: 4px; background: var(--head); }
details { margin-top: 4px; }
summary { min-height: 24px; align-content: center; cursor: pointer; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 12px; margin: 6px 0; }
dd { margin: 0; overflow-wrap: anywhere; }

table { border-collapse: collapse; width: 100%; }
thead th { position: sticky; top: 0; background: var(--head); color: var(--muted); font-weight: 500; padding: 3px 8px; }
th { text-align: left; font-weight: inherit; padding: 0 2px; }
td { padding: 0 8px; }
th:nth-child(2), th:nth-child(n+4), td:nth-child(2), td:nth-child(n+4) { text-align: right; }
tbody tr { border-bottom: 1px solid var(--line); cursor: pointer; }
tbody button.link { width: 100%; }
thead button.link { padding: 0; color: inherit; }
th[aria-sort=ascending] > button::after { content: ' ▲' / ''; }
th[aria-sort=descending] > button::after { content: ' ▼' / ''; }
.selected { background: var(--selected) !important; }
.fields { width: auto; min-width: min(260px, 100%); }
.fields tr { cursor: auto; height: 20px; }
.fields th[colspan] { font-weight: 600; }
.fields tr:has(> th[colspan]) > * { padding-top: 6px; }
.fields .field { color: var(--muted); padding-left: 12px; }
.fields td.value { text-align: right; }
.fields td.tools { padding: 1px 0 1px 4px; text-align: right; white-space: nowrap; }
.tools > button + button { margin-left: 4px; }
.field-input { display: grid; justify-items: end; }
.field-input > input { width: 14ch; text-align: right; font-variant-numeric: tabular-nums; }
.field-input > input[aria-invalid] { border-color: var(--error); }
.field-input > .error:empty { display: none; }
fieldset { margin: 4px 0; padding: 2px 8px 4px; border: 1px solid var(--line); border-radius: 4px; }
legend { padding: 0 4px; color: var(--muted); }
.choices { display: grid; grid-template-columns: repeat(auto-fill, minmax(120px, 1fr)); gap: 0 8px; }
.choices > label { min-width: 0; overflow-wrap: anywhere; }
.watched { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: start; }
.watched > button { grid-area: 1 / 2; border-color: transparent; background: none; }
.watched > figure { grid-area: 1 / 1; }
.chip { display: inline-flex; align-items: center; gap: 2px; padding-left: 8px; border: 1px solid var(--line); border-radius: 4px; background: var(--head); }
.chip > button { border-color: transparent; background: none; }
.globals { width: auto; }
.globals tr { cursor: auto; height: 20px; }
.globals :is(th, td) { text-align: left; padding: 0 8px 0 0; overflow-wrap: anywhere; }
.memory { white-space: pre; }
.grants { width: auto; min-width: min(420px, 100%); }
.grants :is(th, td) { text-align: left; padding: 0 8px; }
.grants tbody tr { cursor: auto; height: 20px; }
button.row { display: flex; gap: 10px; width: 100%; border-radius: 0; border-bottom: 1px solid var(--line); align-items: center; }
.id { min-width: 5ch; text-align: right; flex: none; }
.names { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }

.entries { list-style: none; margin: 0; padding: 0; }
.entries > li {
  padding: 5px 10px; border-bottom: 1px solid var(--line); overflow-wrap: anywhere;
  content-visibility: auto; contain-intrinsic-block-size: auto 160px;
}
.reloads > li { contain-intrinsic-block-size: auto 46px; }
.logs { flex: 1; min-height: 0; overflow: auto; overscroll-behavior: contain; }
.log { display: grid; grid-template-columns: 6ch 5ch 12ch minmax(0, 1fr); gap: 0 8px; padding: 1px 8px; border-bottom: 1px solid var(--line); }
.log > .numbers { text-align: right; }
.log > .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.log > .message { white-space: pre-wrap; overflow-wrap: anywhere; }
.debug > .level, .choice.debug { color: var(--muted); }
.info > .level, .choice.info { color: var(--accent); }
.warn > .level, .choice.warn { color: var(--warn); }
.error > .level, .choice.error { color: var(--error); }
.log.warn, .log.error { color: var(--text); }

.time { padding: 4px 2px; }
.time > p, .time > h2 { padding: 0 8px; }
.time .choice, .rewind > p { margin: 0 8px; }
.files > p { margin: 4px 8px; }
.rewind > input { margin: 0 8px; width: calc(100% - 16px); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 4px 12px; }
figure { margin: 0; min-width: 0; }
.chart { height: 64px; overflow: hidden; position: relative; }
.uplot { width: min-content; }
.u-wrap { position: relative; user-select: none; }
.u-over, .u-under, .u-axis { position: absolute; }
.uplot canvas { display: block; position: relative; width: 100%; height: 100%; }

@container panel (max-width: 900px) {
  .split { grid-template-columns: minmax(390px, 1fr) minmax(0, 1fr); }
  td, thead th { padding-inline: 4px; }
}
@container panel (max-width: 620px) {
  .split { display: block; height: auto; }
  .first, .second { overflow: visible; }
  .second { border-left: 0; border-top: 1px solid var(--edge); }
  .first.filled { height: auto; }
  .split .list { max-height: 168px; }
  .log { grid-template-columns: 5ch 5ch minmax(0, 1fr); }
  .log > .message { grid-column: 1 / -1; }
  .tablist > button { padding: 0 6px; }
}
@media (max-width: 620px) {
  .dock { display: none; }
}
@media (pointer: coarse) {
  /* A link to a source is a part of a sentence. */
  button:not(.source), input:is([type=search], [type=text], [type=range]), select, summary, .choice { min-height: 40px; }
  button:not(.source) { min-width: 40px; }
  [data-open] > .toggle { top: 0; right: 0; width: 40px; }
  .head { padding-right: 40px; }
  .resizer { height: 12px; }
  [data-side=right] .resizer { width: 12px; }
}
@media (prefers-reduced-motion: no-preference) {
  .panel { animation: appear .12s ease-out; }
  @keyframes appear { from { opacity: 0; transform: translateY(8px); } }
}
`
