import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { allowBuilds } from '../../src/node/build-consent.ts'
import { type BuildStep, buildStepOf } from '../../src/node/build-step.ts'

let folder: string
let asked: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitscript-consent-'))
  asked = []
})
afterEach(() => rm(folder, { recursive: true }))

function step(mod: string, ...args: string[]): BuildStep {
  const made = buildStepOf(`/game/${mod}/${mod}.script.json`, {
    name: mod,
    build: { command: 'asc', args, watch: ['.'], output: 'out.wasm' },
  })
  if (made === undefined) throw new Error('it has no build')
  return made
}
const answering = (answer: boolean) => (question: string) => {
  asked.push(question.replace(/[\ufdd0-\ufddb]/g, ''))
  return Promise.resolve(answer)
}

describe('allowBuilds', () => {
  it('shows the commands and asks once, and again for another command or folder', async () => {
    const ask = answering(true)
    await allowBuilds([step('one', 'main.ts', '-o', 'out file.wasm'), step('two')], { yes: false, ask, folder })
    expect(asked).toEqual([
      `These mods are built by a command that its manifest names:
  one: asc main.ts -o "out file.wasm"  in /game/one
  two: asc  in /game/two
Run them, now and after each change of the sources? [y/N] `,
    ])
    await allowBuilds([step('two')], { yes: false, ask: undefined, folder })
    await allowBuilds([step('one', 'main.ts', '-o', 'out file.wasm'), step('two', '--evil')], { yes: false, ask, folder })
    expect(asked).toHaveLength(2)
    expect(asked[1]).toContain('  two: asc --evil')
    expect(asked[1]).not.toContain('one')
    await allowBuilds([{ ...step('two'), folder: '/another' }], { yes: false, ask, folder })
    expect(asked).toHaveLength(3)
  })

  it('refuses what was not allowed, and asks again the next time', async () => {
    const refused = allowBuilds([step('one')], { yes: false, ask: answering(false), folder })
    await expect(refused).rejects.toMatchObject({ code: 'BuildFailed', script: 'one' })
    await expect(refused).rejects.toThrow(/the build 'asc' did not run: it was not allowed/)
    await allowBuilds([step('one')], { yes: false, ask: answering(true), folder })
    expect(asked).toHaveLength(2)
  })

  it('allows where it cannot be remembered', async () => {
    await writeFile(join(folder, 'file'), '')
    const options = { yes: false, ask: answering(true), folder: join(folder, 'file/remembered') }
    for (let run = 0; run < 2; run++) await allowBuilds([step('one')], options)
    expect(asked).toHaveLength(2)
  })

  it('refuses where there is nobody to ask, and remembers --yes', async () => {
    await expect(allowBuilds([step('one')], { yes: false, ask: undefined, folder })).rejects.toThrow(
      /nobody has allowed it, and there is no terminal to ask in; give --yes to allow it/,
    )
    await allowBuilds([step('one')], { yes: true, ask: undefined, folder })
    await allowBuilds([step('one')], { yes: false, ask: undefined, folder })
  })

  it('asks nothing if there is nothing to build', async () => {
    await allowBuilds([], { yes: false, ask: answering(false), folder })
    expect(asked).toEqual([])
  })
})
