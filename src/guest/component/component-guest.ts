import { ScriptError } from '../../errors.ts'
import type { Guest } from '../guest.ts'
import { isComponent, isPrepared } from './container.ts'

/** The guest for components of the WebAssembly Component Model. https://component-model.bytecodealliance.org */
export const componentGuest: Guest = {
  kind: 'component',
  capabilities: { snapshot: true, resumes: false, perEntity: true, inline: true },
  claims: (bytes) => isComponent(bytes) || isPrepared(bytes),
  async open(source, options) {
    // A game without components does not download what runs them.
    const { openComponent } = await import('./open-component.ts').catch((cause: unknown) => {
      throw new ScriptError('LoadFailed', 'what runs components could not be loaded', { cause })
    })
    return openComponent(componentGuest, source, options)
  },
}
