import { mkdtemp, realpath, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FolderWatcher } from '../../src/files/folder-watcher.ts'
import { codeOf } from '../fixtures/game.ts'

let folder: string
let watcher: FolderWatcher
let told: string[]

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-folder-')))
  told = []
  watcher = new FolderWatcher({
    changed: (file) => told.push(`changed ${file.slice(folder.length + 1)}`),
    removed: (file) => told.push(`removed ${file.slice(folder.length + 1)}`),
  })
  watcher.add(folder)
})
afterEach(async () => {
  watcher.close()
  await rm(folder, { recursive: true })
})

describe('FolderWatcher', () => {
  it('reports every time that a file is written, removed and created again', async () => {
    const file = join(folder, 'a.wat')
    for (let round = 0; round < 3; round++) {
      told.length = 0
      await writeFile(file, String(round))
      await expect.poll(() => told).toContain('changed a.wat')
      await unlink(file)
      await expect.poll(() => told.filter((each) => each.startsWith('removed'))).toEqual(['removed a.wat'])
    }
  })

  it('does not report the removal of a file that is created again at once', async () => {
    const file = join(folder, 'a.wat')
    await writeFile(file, '1')
    await unlink(file)
    await writeFile(file, '2')
    await writeFile(join(folder, 'b.wat'), '')
    await unlink(join(folder, 'b.wat'))
    // Reported after the same time as the other removal would have been.
    await expect.poll(() => told).toContain('removed b.wat')
    expect(told).not.toContain('removed a.wat')
  })

  it('refuses a folder that does not exist, and reports nothing after close', async () => {
    expect(await codeOf(() => watcher.add(join(folder, 'gone')))).toBe('LoadFailed')
    watcher.close()
    watcher.close()
    watcher.add(folder)
    await writeFile(join(folder, 'a.wat'), '')
    expect(told).toEqual([])
  })
})
