import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type FileOutcome, ScriptReloader } from 'bitscript/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createGame } from '../fixtures/game.ts'

let folder: string
const module = (step: number): string => `(module (func (export "step") (result i32) (i32.const ${step})))`
const manifest = (version: string, more: object = {}): string =>
  JSON.stringify({ name: 'stepper', version, source: './stepper.wat', ...more })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitscript-manifests-'))
})
afterAll(() => rm(folder, { recursive: true }))

it('a mod is reloaded when its manifest or its module is saved, and a mistake in either keeps it', async () => {
  const file = (name: string): string => join(folder, name)
  await writeFile(file('stepper.wat'), module(1))
  await writeFile(file('stepper.script.json'), manifest('1.0.0'))
  const { runtime } = await createGame()
  const id = await runtime.loadModule(pathToFileURL(file('stepper.script.json')))
  const outcomes: FileOutcome[] = []
  const reloader = new ScriptReloader(runtime, { onOutcome: (outcome) => outcomes.push(outcome), wait: async () => undefined })
  const save = async (name: string, content: string): Promise<FileOutcome | undefined> => {
    await writeFile(file(name), content)
    await reloader.changed(file(name), pathToFileURL(file(name)), false)
    return outcomes.at(-1)
  }
  expect(reloader.scriptOf(file('stepper.wat'))?.name).toBe('stepper')
  expect(await save('stepper.wat', module(2))).toMatchObject({ state: 'reloaded', report: { generation: 2 } })
  expect(runtime.call(id, 'step')).toBe(2)
  expect(await save('stepper.script.json', manifest('1.1.0', { order: 3 }))).toMatchObject({
    state: 'reloaded',
    report: { generation: 3, warnings: [expect.stringContaining('its manifest has another order')] },
  })
  expect(await save('stepper.script.json', manifest('one'))).toMatchObject({ state: 'mistake', error: { code: 'InvalidManifest' } })
  expect(await save('stepper.script.json', manifest('1.2.0'))).toMatchObject({ state: 'reloaded' })
  expect(await save('stepper.wat', '(module (oops))')).toMatchObject({ state: 'mistake', error: { code: 'InvalidText' } })
  expect(runtime.call(id, 'step')).toBe(2)
})
