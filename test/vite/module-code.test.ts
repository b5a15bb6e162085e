import { expect, it } from 'vitest'
import { baseName } from '../../src/vite/module-code.ts'

it('a script is named after its file, and a prepared component after the component', () => {
  const names = [
    '/game/mover.wat',
    '/game/mover.wasm',
    '/game/mover.component.wasm',
    '/game/a.b.wat',
    '/game/mover.as-source',
    '/game/.wasm',
  ]
  expect(names.map(baseName)).toEqual(['mover', 'mover', 'mover', 'a.b', 'mover', ''])
})
