import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keepBindings } from '../../src/vite/keep-bindings.ts'

const ROOT = resolve('/game')

/** Bindings whose updates end when the test says so. */
function keep(sim: string) {
  const printed: string[] = []
  const updates: { readonly sim: string; end(text: string): void }[] = []
  const update = (path: string): Promise<string> => new Promise((end) => updates.push({ sim: path, end }))
  const kept = keepBindings({ sim }, ROOT, { info: (text) => void printed.push(text) }, update)
  return { kept, printed, updates }
}

describe('the bindings that the Vite plugin keeps', () => {
  it('are updated at the start, and when a module beside the simulation is saved', async () => {
    const { kept, printed, updates } = keep('./sim/index.ts')
    expect(updates.map(({ sim }) => sim)).toEqual([join(ROOT, 'sim/index.ts')])
    updates[0]?.end('✓ game.h is written anew\n')
    await expect.poll(() => printed).toEqual(['✓ game.h is written anew'])
    const others = ['sim/mover.wat', 'view/draw.ts', 'sim/game.ts', 'simulation/a.ts'].map((name) => kept.changed(join(ROOT, name)))
    await Promise.all(others)
    expect(updates).toHaveLength(1)
    const done = kept.changed(join(ROOT, 'sim/components.ts'))
    expect(updates).toHaveLength(2)
    updates[1]?.end('')
    await done
    expect(printed).toHaveLength(1)
  })

  it('are updated once more for all saves during an update', async () => {
    const { kept, updates } = keep('sim')
    const saves = [kept.changed(join(ROOT, 'sim/a.ts')), kept.changed(join(ROOT, 'sim/b.ts'))]
    expect(updates).toHaveLength(1)
    updates[0]?.end('')
    await expect.poll(() => updates.length).toBe(2)
    updates[1]?.end('')
    await Promise.all(saves)
    expect(updates).toHaveLength(2)
  })

  it('are left alone once the server is closed', async () => {
    const { kept, printed, updates } = keep('sim')
    kept.close()
    updates[0]?.end('late')
    await kept.changed(join(ROOT, 'sim/a.ts'))
    expect([updates.length, printed]).toEqual([1, []])
  })
})
