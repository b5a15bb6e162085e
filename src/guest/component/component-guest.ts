import { notLoaded } from '../../errors.ts'
import type { Guest } from '../guest.ts'
import { isComponent, isPrepared } from './container.ts'

/** The guest for components of the WebAssembly Component Model. https://component-model.bytecodealliance.org */
export const componentGuest: Guest = {
  kind: 'component',
  capabilities: { snapshot: true, resumes: false, perEntity: true, inline: true },
  claims: (bytes) => isComponent(bytes) || isPrepared(bytes),
  async describe(source) {
    const { describeComponent } = await loadComponents()
    return describeComponent(source)
  },
  async open(source, options) {
    const { openComponent } = await loadComponents()
    return openComponent(componentGuest, source, options)
  },
}

/** Loads what runs components, which a game without components does not download. */
function loadComponents(): Promise<typeof import('./component.ts')> {
  return import('./component.ts').catch(notLoaded('the code that runs components'))
}
