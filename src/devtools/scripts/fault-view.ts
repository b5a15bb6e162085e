import { ERROR_SENTENCES, type ScriptError, type SourceLocation } from '../../index.ts'
import { button, element, setText } from '../elements/element.ts'
import { messageOf } from '../elements/format-number.ts'
import type { OpenSource } from '../elements/source-place.ts'

/** Creates a view of a fault: its message, its location, its frame and its trace. With `openSource`, a button opens the location. */
export function faultView(error: ScriptError, openSource: OpenSource | undefined): HTMLElement {
  const { code, detail, frame, trace = [], script, location } = error
  const view = element('div', { class: 'fault' })
  view.append(element('p', {}, element('b', { class: 'error' }, code), ` ${detail.replace(/\.$/, '')}. ${ERROR_SENTENCES[code]}`))
  const place = placeOf(error)
  if (place !== '') view.append(element('p', { class: 'muted' }, place))
  if (openSource !== undefined && script !== undefined && location !== undefined) {
    const problem = element('span', { class: 'error', role: 'status' })
    const open = (): void => {
      // It is code of the game: what it throws is shown.
      try {
        openSource({ script, location, fault: error })
        setText(problem, '')
      } catch (thrown) {
        setText(problem, messageOf(thrown))
      }
    }
    const label = `Open in the editor: line ${location.line} of ${script}`
    view.append(element('div', { class: 'bar tight' }, button('Open in the editor', open, { 'aria-label': label }), problem))
  }
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
