import { type DescribedMemory, describeInstance, type ScriptId, type WasmScriptRuntime } from '../../index.ts'
import { element, setText } from '../elements/element.ts'
import { formatBytes, formatCount, messageOf } from '../elements/format-number.ts'
import { formatHex, formatNumbers, MEMORY_TYPES, type MemoryType, parseAddress } from '../elements/hex-view.ts'
import { createPace } from '../elements/pace.ts'

/** Minimum milliseconds between two readings. */
const READ_PACE = 500
/** Bytes that are shown at once. */
const SHOWN = 256

/** The view of the globals and the memory of a script. */
export interface MemoryView {
  readonly element: HTMLElement
  refresh(id: ScriptId): void
}

/** Creates a view of the globals and memories of an instance: in hexadecimal, or as numbers of a type, from an address on. It reads while it is unfolded. */
export function createMemoryView(runtime: WasmScriptRuntime): MemoryView {
  let current: ScriptId | undefined
  const pace = createPace(READ_PACE)
  const entity = element('select', { 'aria-label': 'Instance' })
  const entityChoice = element('label', { class: 'choice' }, 'Instance', entity)
  const memory = element('select', { 'aria-label': 'Memory' })
  const address = element('input', {
    type: 'text',
    value: '0',
    'aria-label': 'Address',
    size: 10,
    autocomplete: 'off',
    spellcheck: 'false',
  })
  const type = element(
    'select',
    { 'aria-label': 'Type' },
    element('option', { value: 'hex' }, 'hex'),
    ...MEMORY_TYPES.map((name) => element('option', {}, name)),
  )
  const mistake = element('p', { class: 'error', role: 'status' })
  const size = element('span', { class: 'muted numbers' })
  const bytes = element('pre', { class: 'memory', tabindex: 0, 'aria-label': 'Bytes' })
  const globals = element('tbody')
  const globalsTable = element('table', { class: 'globals' }, globals)
  const noGlobals = element('p', { class: 'muted' }, 'It has no mutable globals.')
  const memoryPart = element(
    'div',
    {},
    element('div', { class: 'bar tight' }, memory, element('label', { class: 'choice' }, 'Address', address), type, size),
    bytes,
  )
  const body = element('div', {}, entityChoice, mistake, globalsTable, noGlobals, memoryPart)
  const part = element('details', {}, element('summary', {}, 'Globals and memory'), body)
  const hurry = (): void => {
    pace.hurry()
    if (current !== undefined) refresh(current)
  }
  part.addEventListener('toggle', hurry)
  for (const each of [entity, memory, address, type]) each.addEventListener('input', hurry)
  address.addEventListener('keydown', ({ key }) => {
    const by = key === 'PageDown' ? SHOWN : key === 'PageUp' ? -SHOWN : 0
    const at = parseAddress(address.value)
    if (by === 0 || at === undefined) return
    address.value = `0x${Math.max(0, at + by).toString(16)}`
    hurry()
  })

  function show(id: ScriptId): void {
    try {
      const shared = describeInstance(runtime, id)
      const entities = shared?.entities ?? []
      entityChoice.hidden = entities.length === 0
      offer(entity, ['of the script', ...entities.map(String)])
      const instance = /^\d+$/.test(entity.value) ? describeInstance(runtime, id, Number(entity.value)) : shared
      const described = instance?.globals ?? []
      showGlobals(globals, described)
      noGlobals.hidden = described.length > 0
      globalsTable.hidden = described.length === 0
      const memories = instance?.memories ?? []
      offer(
        memory,
        memories.map(({ name }) => name),
      )
      memoryPart.hidden = memories.length === 0
      setText(mistake, memories.length === 0 ? '' : showBytes(memories.find(({ name }) => name === memory.value)))
    } catch (error) {
      setText(mistake, messageOf(error))
    }
  }

  /** Shows bytes of a memory. Returns what is wrong with the address; `''` if nothing is. */
  function showBytes(shown: DescribedMemory | undefined): string {
    if (shown === undefined) return ''
    setText(size, `of ${formatCount(shown.length)} bytes (${formatBytes(shown.length)})`)
    const at = parseAddress(address.value)
    address.toggleAttribute('aria-invalid', at === undefined || at >= shown.length)
    if (at === undefined) return 'Enter an address, such as 1024 or 0x400.'
    if (at >= shown.length) return `The memory ends at ${shown.length} (0x${shown.length.toString(16)}).`
    const read = shown.read(at, SHOWN)
    setText(bytes, type.value === 'hex' ? formatHex(read, at) : formatNumbers(read, at, type.value as MemoryType))
    return ''
  }

  function refresh(id: ScriptId): void {
    if (id !== current) pace.hurry()
    current = id
    if (part.open) pace.run(() => show(id))
  }

  return { element: part, refresh }
}

/** Offers names to choose from, if they differ from those before. */
function offer(list: HTMLSelectElement, names: readonly string[]): void {
  if ([...list.options].map(({ value }) => value).join('\n') === names.join('\n')) return
  const { value } = list
  list.replaceChildren(...names.map((name) => element('option', { value: name }, name)))
  if (names.includes(value)) list.value = value
  list.hidden = names.length < 2
}

function showGlobals(
  body: HTMLElement,
  globals: readonly { readonly name: string; readonly type: string; readonly value: unknown }[],
): void {
  if (body.children.length !== globals.length) {
    body.replaceChildren(
      ...globals.map(() =>
        element('tr', {}, element('th', { scope: 'row', class: 'field' }), element('td', { class: 'muted' }), element('td')),
      ),
    )
  }
  for (const [index, { name, type, value }] of globals.entries()) {
    const [first, second, third] = body.children[index]?.children ?? []
    if (first === undefined || second === undefined || third === undefined) continue
    setText(first, name)
    setText(second, type)
    setText(third, String(value))
  }
}
