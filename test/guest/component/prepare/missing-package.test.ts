import { expect, it, vi } from 'vitest'
import { prepareComponent } from '../../../../src/guest/component/prepare/no-prepare.ts'
import { createGame, errorOf } from '../../../fixtures/game.ts'

vi.mock('@bytecodealliance/jco-transpile/wasm-tools', () => {
  throw new Error('Cannot find package')
})

/** A component with nothing in it. */
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)

it('says how to install the package that reads components, where it is missing', async () => {
  const { runtime } = await createGame()
  const error = await errorOf(runtime.loadModule(EMPTY))
  expect(error.code).toBe('EngineUnavailable')
  expect(error.message).toContain('npm install @bytecodealliance/jco-transpile')
})

it('says in a page that components are prepared at build time', async () => {
  const error = await errorOf(prepareComponent(EMPTY))
  expect(error.code).toBe('EngineUnavailable')
  expect(error.message).toContain('bitscript build')
})
