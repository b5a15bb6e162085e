import { button, element } from './dom.ts'
import { TEMPLATES, type Template } from './templates.ts'

/** The form in which a script is named and its template chosen. */
export interface NewScriptForm {
  readonly element: HTMLElement
  /** Shows or hides it. Shown, it has the focus. */
  toggle(): void
  /** Hides it, and leaves the focus where it is. */
  hide(): void
}

/** Creates the form, which is hidden. `problemOf` returns why a name cannot be used. */
export function newScriptForm(
  problemOf: (name: string) => string | undefined,
  onCreate: (name: string, template: Template) => void,
  opener: () => HTMLElement,
): NewScriptForm {
  const problem = element('p', { class: 'live-problem', role: 'alert', id: 'live-new-problem' })
  const name = element('input', {
    id: 'live-new-name',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': problem.id,
    maxlength: '31',
  })
  const template = element(
    'select',
    { id: 'live-new-template', class: 'live-template' },
    ...TEMPLATES.map(({ label }, index) => new Option(label, String(index))),
  )
  const form = element(
    'form',
    { class: 'live-new', hidden: true, 'aria-label': 'New script' },
    element('label', { for: name.id }, 'Name'),
    name,
    element('label', { for: template.id }, 'Begins as'),
    template,
    problem,
    element('div', {}, element('button', { type: 'submit', class: 'live-run' }, 'Create'), button('Cancel', close)),
  )
  function close(): void {
    form.hidden = true
    opener().focus()
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    problem.textContent = problemOf(name.value.trim()) ?? ''
    if (problem.textContent !== '') {
      name.focus()
      return
    }
    form.hidden = true
    onCreate(name.value.trim(), TEMPLATES[Number(template.value)] as Template)
    name.value = ''
  })
  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    close()
  })
  return {
    element: form,
    toggle() {
      if (!form.hidden) return close()
      form.hidden = false
      problem.textContent = ''
      name.focus()
    },
    hide() {
      form.hidden = true
    },
  }
}
