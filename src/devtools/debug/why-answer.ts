import type { FieldRead, FieldWriter, HostCaller } from '../../debug/index.ts'
import { button, element, setText } from '../elements/element.ts'
import { formatCount, formatValue, messageOf } from '../elements/format-number.ts'
import { sourceLink } from '../elements/source-link.ts'
import type { OpenSource } from '../elements/source-place.ts'
import type { Debugger } from './debugger.ts'

/** What the answers lead to. */
export interface WhyLinks {
  readonly debug: Debugger
  readonly openSource: OpenSource | undefined
  /** Shows the past at the tick that the debugger is at. */
  readonly showPast: () => void
}

/** Writes that are shown at first. */
const SHOWN = 3

/** Resolves with the writes of a field, the latest first. Each leads to its line, its tick, and to who wrote what it was made of. */
export async function createAnswer(links: WhyLinks, field: string, entity: number): Promise<HTMLElement> {
  const list = element('ol', { class: 'writers' })
  const more = button('Earlier', () => void addEarlier())
  const problem = element('p', { role: 'status', class: 'muted' })
  const known: FieldWriter[] = []

  async function add(): Promise<void> {
    const writers = await links.debug.earlierWriters(field, entity, SHOWN, known)
    list.append(...writers.map((writer) => writerView(links, field, entity, writer)))
    known.push(...writers)
    more.hidden = writers.length < SHOWN
    if (writers.length === 0) setText(problem, nothingText(links, list.children.length > 0))
  }

  async function addEarlier(): Promise<void> {
    const first = list.children.length
    try {
      await add()
    } catch (error) {
      setText(problem, messageOf(error))
    }
    list.children[first]?.querySelector('button')?.focus()
  }

  await add()
  return element('div', {}, list, more, problem)
}

function nothingText({ debug }: WhyLinks, isMore: boolean): string {
  const { first = 0, last = 0 } = debug.kept ?? {}
  return `Nothing ${isMore ? 'else ' : ''}wrote it from tick ${formatCount(first)} to ${formatCount(last)}, which is what is kept.`
}

function writerView(links: WhyLinks, field: string, entity: number, writer: FieldWriter): HTMLElement {
  const { tick, by, input, caller, place, old, value, reads } = writer
  const goTo = async (): Promise<void> => {
    await links.debug.goToWrite(writer, field, entity)
    links.showPast()
  }
  const who =
    by === 'host'
      ? element('span', caller === undefined ? {} : { title: callerText(caller) }, hostText(input, caller))
      : sourceLink({ script: by, ...(place && { place }) }, links.openSource)
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'bar tight' },
      button(`tick ${formatCount(tick)}`, () => void goTo(), { class: 'link source', 'aria-label': `Show tick ${formatCount(tick)}` }),
      who,
      element('span', { class: 'numbers' }, `${formatValue(old)} → ${formatValue(value)}`),
    ),
    ...(reads.length === 0 ? [] : [element('ul', { class: 'reads' }, ...reads.map((read) => readView(links, tick, read)))]),
  )
}

/** Creates the view of a field that was read, which asks in turn who wrote it. */
function readView(links: WhyLinks, tick: number, read: FieldRead): HTMLElement {
  const { field, entity, value } = read
  const place = element('div', {})
  const ask = button(`${field} of ${entity} was ${formatValue(value)}`, () => void open(), {
    class: 'link source',
    'aria-expanded': 'false',
  })
  const item = element('li', {}, ask, place)

  async function open(): Promise<void> {
    const isOpen = ask.getAttribute('aria-expanded') === 'true'
    ask.setAttribute('aria-expanded', String(!isOpen))
    place.replaceChildren()
    if (isOpen) return
    place.append(element('p', { role: 'status', class: 'muted' }, 'Looking through the past…'))
    try {
      const writer = await links.debug.writerOf(read, tick)
      place.replaceChildren(
        writer === undefined
          ? element('p', { class: 'muted' }, nothingText(links, false))
          : element('ol', { class: 'writers' }, writerView(links, field, entity, writer)),
      )
    } catch (error) {
      place.replaceChildren(element('p', { role: 'status', class: 'error' }, messageOf(error)))
    }
  }
  return item
}

function hostText(input: FieldWriter['input'], caller: FieldWriter['caller']): string {
  if (input === undefined) return 'the game, by a write that bypassed the runtime'
  if (input === 'tick') return 'the runtime, as a script asked, such as by a spawn'
  return `the game, by ${input}${caller === undefined ? '' : ` at ${fileName(caller.file)}:${caller.line}`}`
}

function callerText({ function: name, file, line, column }: HostCaller): string {
  return `${name === undefined ? '' : `${name}, `}${file}:${line}:${column}`
}

/** Returns the last part of a path, without what a development server adds to it. */
function fileName(file: string): string {
  return file.replace(/\?.*$/, '').replace(/^.*[/\\]/, '')
}
