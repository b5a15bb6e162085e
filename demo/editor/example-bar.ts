import { button, element } from './element.ts'
import { EXAMPLES, type Example } from './examples.ts'

/** The buttons under "Try". */
export interface ExampleBar {
  readonly element: HTMLElement
  /** Shows which examples are in the texts. */
  update(textOf: (script: string) => string): void
}

/** Offers the examples of those scripts that there are. A button shows whether its edit is in the text, and takes it back if it is. */
export function exampleBar(scripts: ReadonlySet<string>, onPress: (example: Example, takeBack: boolean) => void): ExampleBar {
  const offered = EXAMPLES.filter(({ script }) => scripts.has(script)).map((example) => {
    let isApplied = false
    const names = [example.label, ...(example.mend === undefined ? [] : [example.mend])].map((label) => element('span', {}, label))
    const pressed = button('', () => onPress(example, isApplied), { class: 'live-example' })
    pressed.append(...names)
    return {
      element: pressed,
      update(textOf: (script: string) => string): void {
        isApplied = example.takeBack(textOf(example.script)) !== undefined
        if (example.mend === undefined) pressed.ariaPressed = String(isApplied)
        // All names have the room of the longest: the one that is not said is not seen.
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
