import { listComponents, type WasmScriptRuntime } from '../../index.ts'
import { button, element, setText } from '../elements/element.ts'
import type { Editing } from './editing.ts'

/** A form that adds an entity with chosen components and scripts. */
export interface SpawnForm {
  readonly element: HTMLElement
  /** Shows the form, with the components and scripts that there are now. */
  open(): void
  close(): void
}

/** Creates the form, hidden. `onSpawn` gets the new entity. */
export function createSpawnForm(runtime: WasmScriptRuntime, editing: Editing, onSpawn: (entity: number) => void): SpawnForm {
  const components = createChoices('Components')
  const scripts = createChoices('Scripts')
  const problem = element('p', { class: 'error', role: 'status' })
  const form = element(
    'form',
    { class: 'second', 'aria-label': 'Spawn an entity', hidden: true },
    element('h2', {}, 'New entity'),
    element('p', { class: 'muted' }, 'All fields begin at 0.'),
    components.element,
    scripts.element,
    element('div', { class: 'bar tight' }, element('button', { type: 'submit' }, 'Spawn'), button('Cancel', close)),
    problem,
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    let entity: number | undefined
    const sentence = editing.attempt(() => {
      const ids = scripts.chosen().flatMap((name) => runtime.find(name)?.id ?? [])
      const made = runtime.spawn(Object.fromEntries(components.chosen().map((name) => [name, {}])))
      for (const id of ids) runtime.attach(made, id)
      entity = made
    })
    setText(problem, sentence)
    if (entity === undefined) return
    close()
    onSpawn(entity)
  })

  function close(): void {
    form.hidden = true
  }

  return {
    element: form,
    open() {
      components.offer(Object.keys(listComponents(runtime)))
      scripts.offer(runtime.scripts().map(({ name }) => name))
      setText(problem, '')
      form.hidden = false
      form.querySelector('input')?.focus()
    },
    close,
  }
}

interface Choices {
  readonly element: HTMLElement
  offer(names: readonly string[]): void
  chosen(): readonly string[]
}

/** Creates a group of checkboxes. Names that are offered again stay chosen. */
function createChoices(title: string): Choices {
  const place = element('div', { class: 'choices' })
  const group = element('fieldset', {}, element('legend', {}, title), place)
  const boxes = (): HTMLInputElement[] => [...place.querySelectorAll('input')]
  const chosen = (): readonly string[] => boxes().flatMap(({ checked, value }) => (checked ? [value] : []))
  return {
    element: group,
    chosen,
    offer(names) {
      const before = new Set(chosen())
      group.hidden = names.length === 0
      place.replaceChildren(
        ...names.map((name) =>
          element('label', { class: 'choice' }, element('input', { type: 'checkbox', value: name, checked: before.has(name) }), name),
        ),
      )
    },
  }
}
