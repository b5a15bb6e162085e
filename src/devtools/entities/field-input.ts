import type { FieldType } from '../../index.ts'
import { element, setText } from '../elements/element.ts'
import { formatValue } from '../elements/format-number.ts'
import { describeType, parseField, stepField } from './field-value.ts'

/** An input that shows the value of a field as it changes, and sets it. */
export interface FieldInput {
  readonly element: HTMLElement
  /** Shows the current value, unless another is being typed. */
  show(value: number): void
}

/** Options of {@link createFieldInput}. */
export interface FieldInputOptions {
  /** The name of the field with that of its component. */
  readonly label: string
  readonly type: FieldType
  /** Sets the field. Returns why it could not, as a sentence; `''` if it was set. */
  readonly set: (value: number) => string
}

/** What an arrow key adds, by the modifier that is held. */
const STEP = { plain: 1, shift: 10, alt: 0.1 } as const
const DIRECTIONS: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1 }

/**
 * Creates an input for a field. Enter sets what was typed. The arrow keys set the value one higher or lower, ten with Shift, a tenth with Alt. Escape
 * undoes all of that since the input has the focus; typed text that was not set is dropped when the focus leaves.
 */
export function createFieldInput({ label, type, set }: FieldInputOptions): FieldInput {
  const input = element('input', {
    type: 'text',
    inputmode: 'decimal',
    enterkeyhint: 'done',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-label': label,
    title: `${label}: ${describeType(type)}. Enter sets it, arrow keys step, Escape undoes.`,
  })
  const mistake = element('span', { class: 'error', role: 'alert' })
  let current = 0
  /** The value when the input got the focus. */
  let before = 0
  let isTyping = false
  let isChanged = false

  function showCurrent(): void {
    isTyping = false
    const text = formatValue(current)
    if (input.value !== text) input.value = text
  }

  function complain(sentence: string): void {
    setText(mistake, sentence)
    if (sentence === '') input.removeAttribute('aria-invalid')
    else input.setAttribute('aria-invalid', 'true')
  }

  function change(value: number): void {
    const problem = set(value)
    complain(problem)
    if (problem !== '') return
    isChanged = true
    current = value
    showCurrent()
  }

  function setTyped(): void {
    const parsed = parseField(type, input.value)
    if ('mistake' in parsed) complain(parsed.mistake)
    else change(parsed.value)
  }

  function step(direction: number, by: number): void {
    const typed = isTyping ? parseField(type, input.value) : { value: current }
    change(stepField(type, 'value' in typed ? typed.value : current, direction * by))
  }

  function undo(): void {
    if (isChanged) change(before)
    else complain('')
    isChanged = false
    showCurrent()
  }

  input.addEventListener('focus', () => {
    before = current
    isChanged = false
  })
  input.addEventListener('input', () => {
    isTyping = true
  })
  input.addEventListener('blur', () => {
    complain('')
    showCurrent()
  })
  input.addEventListener('keydown', (event) => {
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event
    if (ctrlKey || metaKey) return
    const direction = DIRECTIONS[key]
    if (direction !== undefined) step(direction, shiftKey ? STEP.shift : altKey ? STEP.alt : STEP.plain)
    else if (key === 'Enter') setTyped()
    else if (key === 'Escape' && (isTyping || isChanged)) undo()
    else return
    event.preventDefault()
  })
  return {
    element: element('div', { class: 'field-input' }, input, mistake),
    show(value) {
      current = value
      if (!isTyping) showCurrent()
    },
  }
}
