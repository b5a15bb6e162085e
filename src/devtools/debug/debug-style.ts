/** The style of the debugger and its answers, which is added when they are first shown. */
const STYLE = `
.debugger { display: flex; flex-direction: column; height: 100%; min-height: 0; }
.debug-head { flex: none; border-bottom: 1px solid var(--line); }
.debug-body { flex: 1; min-height: 0; display: grid; grid-template: minmax(0, 1fr) / minmax(0, 3fr) minmax(0, 2fr); }
.debugger button[aria-disabled=true] { color: var(--muted); border-color: var(--line); cursor: default; }
.debugger .live[aria-pressed=true] { color: var(--good); }
.debugger .entity { width: 11ch; }
.debugger .entity[aria-invalid] { border-color: var(--error); }
.debugger .stop { margin-left: auto; }
.debugger [role=status]:empty { display: none; }
.timeline { padding: 0 8px; }
.track { position: relative; padding-top: 12px; }
.marks { position: absolute; inset: 0 8px auto; height: 14px; border-bottom: 1px solid var(--line); }
.marks > i { position: absolute; bottom: 0; width: 2px; margin-left: -1px; background: var(--muted); height: 4px; }
.marks > .reload { height: 12px; background: var(--accent); }
.marks > .hit { width: 8px; height: 8px; margin-left: -4px; bottom: 2px; border-radius: 50%; background: var(--accent); }
.marks > .fault { width: 0; height: 0; margin-left: -5px; background: none; border: 5px solid transparent; border-bottom: 10px solid var(--error); border-top: 0; }
.strip { display: flex; flex-direction: column; min-width: 0; min-height: 0; padding: 0 8px 4px; }
.strip > .bar { flex-wrap: nowrap; }
.strip output { flex: none; }
.steps { flex: 1; min-height: 60px; overflow: auto; overscroll-behavior: contain; border: 1px solid var(--line); border-radius: 4px; font: 11.5px/20px ui-monospace, monospace; position: relative; }
.step { display: flex; gap: 8px; justify-content: space-between; min-height: 20px; padding: 0 6px; white-space: nowrap; cursor: pointer; }
.step > .muted { flex: none; }
.step[aria-selected=true] { background: var(--selected); box-shadow: inset 3px 0 var(--accent); }
.step.write > .names { color: var(--warn); }
.step.call > .names { color: var(--good); }
.step.enter > .names { font-weight: 600; }
.frames-view { overflow: auto; overscroll-behavior: contain; border-left: 1px solid var(--line); padding: 2px 10px; }
.frames { list-style: none; margin: 0; padding: 0; }
.frames > li + li { border-top: 1px solid var(--line); margin-top: 4px; }
button.source { color: var(--accent); text-decoration: underline; padding: 0 4px; }
.why { border-left: 3px solid var(--accent); padding-left: 10px; margin-top: 6px; }
.why:empty { display: none; }
.why h3 { font: inherit; font-weight: 600; margin: 4px 0; }
.writers { margin: 0; padding-left: 20px; }
.reads { margin: 0; padding-left: 12px; list-style: none; }

@container panel (max-width: 620px) {
  .debugger { height: auto; }
  .debug-body { display: block; }
  .steps { max-height: 200px; }
  .frames-view { border-left: 0; border-top: 1px solid var(--edge); margin-top: 6px; }
}
@media (pointer: coarse) {
  .step { min-height: 40px; line-height: 40px; }
}
`

const styled = new WeakSet<Node>()

/** Adds the style to the shadow root that an element is in, once. */
export function addDebugStyle(within: Node): void {
  const root = within.getRootNode()
  if (!(root instanceof ShadowRoot) || styled.has(root)) return
  styled.add(root)
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLE)
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
}
