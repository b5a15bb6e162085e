import { button, element } from './dom.ts'
import { EXAMPLES, type Example } from './examples.ts'

/** The buttons under "Try". */
export interface ExampleBar {
  readonly element: HTMLElement
  /** Shows which examples are applied. */
  update(textOf: (script: string) => string): void
}

/** Creates a button for each example of the given scripts. It shows whether the example is applied, and applies or reverts it. */
export function exampleBar(scripts: ReadonlySet<string>, onPress: (example: Example, isApplied: boolean) => void): ExampleBar {
  const offered = EXAMPLES.filter(({ script }) => scripts.has(script)).map((example) => {
    let isApplied = false
    const names = [example.label, ...(example.mend === undefined ? [] : [example.mend])].map((label) => element('span', {}, label))
    const pressed = button('', () => onPress(example, isApplied), { class: 'live-example' })
    pressed.append(...names)
    return {
      element: pressed,
      update(textOf: (script: string) => string): void {
        isApplied = example.revert(textOf(example.script)) !== undefined
        if (example.mend === undefined) pressed.ariaPressed = String(isApplied)
        // The button stays as wide as its longest label: the label that does not apply is only hidden.
        else for (const [index, name] of names.entries()) name.classList.toggle('live-unseen', (index === 1) !== isApplied)
      },
    }
  })
  const buttons = offered.map((example) => example.element)
  return {
    element: element(
      'div',
      { role: 'group', class: 'live-try', 'aria-label': 'Try' },
      element('span', { 'aria-hidden': 'true' }, 'Try'),
      ...buttons,
    ),
    update(textOf) {
      for (const example of offered) example.update(textOf)
    },
  }
}
