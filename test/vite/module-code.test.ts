import { parseSync } from 'vite'
import { expect, it } from 'vitest'
import { baseName, serverModule } from '../../src/vite/module-code.ts'

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

it('the name of a script may have an apostrophe', () => {
  const code = serverModule("bob's.wat", { file: "bob's.wat", bytes: new Uint8Array() }, undefined)
  expect(parseSync('module.js', code).errors).toEqual([])
  expect(code).toContain(`new URL("bob's.wasm", import.meta.url)`)
})
