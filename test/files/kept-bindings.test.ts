import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keepBindings } from '../../src/files/kept-bindings.ts'

let folder: string

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-kept-')))
  const files = {
    'sim/index.ts': "import { b } from '../rules/a.js'\nimport './missing.ts'\nimport mover from './mover.wat?script'",
    'sim/game.ts': '',
    'sim/unused.ts': '',
    'sim/mover.wat': '',
    'rules/a.ts': "export { b } from './b.ts'",
    'rules/b.ts': 'export const b = 1',
  }
  for (const name of ['sim', 'rules']) await mkdir(join(folder, name))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
})
afterAll(() => rm(folder, { recursive: true }))

/** Bindings whose updates end when the test says so. */
function keep(sim = 'sim') {
  const printed: string[] = []
  const watched: (readonly string[])[] = []
  const updates: { readonly sim: string; readonly signal: AbortSignal; end(text: string): void }[] = []
  const kept = keepBindings(join(folder, sim), {
    folder,
    print: (text) => void printed.push(text),
    watch: (files) => void watched.push([...files].sort()),
    update: (sim, signal) => new Promise((end) => updates.push({ sim, signal, end })),
  })
  return { kept, printed, watched, updates }
}

describe('bindings that are kept up to date', () => {
  it('are updated when a module of the simulation is saved, wherever it is', async () => {
    const { kept, printed, watched, updates } = keep()
    void kept.start()
    await expect.poll(() => updates.map(({ sim }) => sim)).toEqual([join(folder, 'sim')])
    expect(watched).toEqual([['rules/a.ts', 'rules/b.ts', 'sim/index.ts'].map((name) => join(folder, name))])
    updates[0]?.end('✓ game.h is written anew\n')
    await expect.poll(() => printed).toEqual(['✓ game.h is written anew'])
    const others = ['sim/mover.wat', 'sim/game.ts', 'sim/unused.ts', 'elsewhere.ts']
    await Promise.all(others.map((name) => kept.changed(join(folder, name))))
    expect(updates).toHaveLength(1)
    const done = kept.changed(join(folder, 'rules/b.ts'))
    await expect.poll(() => updates.length).toBe(2)
    updates[1]?.end('')
    await done
    expect(printed).toHaveLength(1)
  })

  it('are updated once more for all saves during an update', async () => {
    const { kept, updates } = keep('sim/index.ts')
    const saves = [kept.start(), kept.start(), kept.start()]
    await expect.poll(() => updates.length).toBe(1)
    const more = [kept.start(), kept.start()]
    updates[0]?.end('')
    await expect.poll(() => updates.length).toBe(2)
    updates[1]?.end('')
    await Promise.all([...saves, ...more])
    expect(updates).toHaveLength(2)
  })

  it('are left alone once they are closed', async () => {
    const { kept, printed, updates } = keep()
    const started = kept.start()
    await expect.poll(() => updates.length).toBe(1)
    kept.close()
    expect(updates[0]?.signal.aborted).toBe(true)
    updates[0]?.end('late')
    await started
    await kept.changed(join(folder, 'sim/index.ts'))
    expect([updates.length, printed]).toEqual([1, []])
  })
})
