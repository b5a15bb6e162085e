import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { addComponent, addEntity } from 'bitecs'
import { expect, it } from 'vitest'
import { compilersOf, compileScript } from '../../src/vite/script-compiler.ts'
import { createGame } from '../fixtures/game.ts'

const FILE = fileURLToPath(new URL('../fixtures/wasm/compiled/traps-as.wasm', import.meta.url))

it('a module is served in development with the source map that is beside it, and built as it is', async () => {
  const content = await readFile(FILE)
  const compile = (debug: boolean) =>
    compileScript(FILE, { content, held: new Map() }, { compilers: compilersOf({}), debug, nameOf: () => 'traps.wasm' })
  expect((await compile(false)).bytes).toEqual(Uint8Array.from(content))
  const { bytes } = await compile(true)
  const { world, components, runtime, errors } = await createGame()
  const id = await runtime.loadModule(bytes, { name: 'traps' })
  const entity = addEntity(world)
  addComponent(world, entity, components.Position)
  components.Position.x[entity] = 1
  runtime.attach(entity, id)
  runtime.tick(1)
  expect(errors[0]?.location).toEqual({ file: 'traps.ts', line: 9, column: 12 })
})
