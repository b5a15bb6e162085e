import { ERROR_SENTENCES, type ScriptError, type SourceLocation } from '../index.ts'
import { element } from './element.ts'

/** Creates a view of a fault: its message, its location, its frame and its trace. */
export function faultView(error: ScriptError): HTMLElement {
  const { code, detail, frame, trace = [] } = error
  const view = element('div', { class: 'fault' })
  view.append(element('p', {}, element('b', { class: 'error' }, code), ` ${detail.replace(/\.$/, '')}. ${ERROR_SENTENCES[code]}`))
  const place = placeOf(error)
  if (place !== '') view.append(element('p', { class: 'muted' }, place))
  if (frame !== undefined) view.append(element('pre', { tabindex: 0, 'aria-label': 'Source' }, frame))
  if (trace.length > 0) view.append(element('pre', { tabindex: 0, 'aria-label': 'Trace' }, trace.map(traceLine).join('\n')))
  return view
}

function placeOf({ script, export: name, entity, location }: ScriptError): string {
  const where = [script, name].filter((part) => part !== undefined).join('.')
  const on = entity === undefined ? '' : ` on entity ${entity}`
  return `${where}${on}${location === undefined ? '' : ` at ${formatLocation(location, location.file)}`}`.trim()
}

/** Formats a line of the trace, with the name of the file without its folders. The location above shows the whole path. */
function traceLine({ function: name, location }: NonNullable<ScriptError['trace']>[number]): string {
  return location === undefined ? `at ${name}` : `at ${name} (${formatLocation(location, location.file.split('/').at(-1) ?? '')})`
}

function formatLocation({ line, column }: SourceLocation, file: string): string {
  return `${file}:${line}:${column}`
}
