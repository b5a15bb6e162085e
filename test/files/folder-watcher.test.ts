import { mkdir, mkdtemp, realpath, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FolderWatcher } from '../../src/files/folder-watcher.ts'
import { codeOf } from '../fixtures/game.ts'

let top: string
let folder: string
let watcher: FolderWatcher
let told: string[]

beforeEach(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-folder-')))
  folder = join(top, 'scripts')
  await mkdir(folder)
  told = []
  watcher = new FolderWatcher({
    changed: (file) => told.push(`changed ${file.slice(folder.length + 1)}`),
    removed: (file) => told.push(`removed ${file.slice(folder.length + 1)}`),
    lost: (_, { detail }) => told.push(detail.slice(0, 'the folder '.length) + detail.slice('the folder '.length + folder.length + 1)),
    back: (path) => told.push(`${path === folder ? 'the folder' : path} is back`),
  })
})
afterEach(async () => {
  await watcher.close()
  await rm(top, { recursive: true })
})

const file = (name: string): string => join(folder, name)
const start = async (): Promise<void> => {
  watcher.add(folder)
  await watcher.ready
}
/** Resolves once all of this was reported, and forgets it. */
const reported = async (...wanted: string[]): Promise<void> => {
  await expect.poll(() => told).toEqual(expect.arrayContaining(wanted))
  told.length = 0
}

describe('FolderWatcher', () => {
  it('reports every time that a file is written, removed and created again', async () => {
    await start()
    for (let round = 0; round < 3; round++) {
      await writeFile(file('a.wat'), String(round))
      await reported('changed a.wat')
      await unlink(file('a.wat'))
      await reported('removed a.wat')
    }
  })

  it('does not report the removal of a file that is created again at once', async () => {
    for (const name of ['a.wat', 'b.wat']) await writeFile(file(name), '1')
    await start()
    await unlink(file('a.wat'))
    await writeFile(file('a.wat'), '2')
    await unlink(file('b.wat'))
    // Reported after the same time as the other removal would have been.
    await expect.poll(() => told).toContain('removed b.wat')
    expect(told).not.toContain('removed a.wat')
  })

  it('reports what was written before it was ready, and no file that was there before', async () => {
    for (const name of ['a.wat', 'b.wat']) await writeFile(file(name), '1')
    await symlink('nowhere.wat', file('nowhere.wat'))
    await symlink('circle.wat', file('circle.wat'))
    watcher.add(folder)
    await writeFile(file('a.wat'), '22')
    await writeFile(file('c.wat'), '1')
    await expect.poll(() => told).toEqual(expect.arrayContaining(['changed a.wat', 'changed c.wat']))
    expect(told).not.toContain('changed b.wat')
  })

  it('says that a folder is gone, and follows the one that takes its place', async () => {
    await start()
    for (let round = 0; round < 2; round++) {
      await rm(folder, { recursive: true })
      await reported('the folder is gone: its scripts run on, and it is watched again once it is back')
      await mkdir(folder)
      await writeFile(file('a.wat'), '1')
      await reported('the folder is back', 'changed a.wat')
      await writeFile(file('a.wat'), '22')
      await reported('changed a.wat')
    }
  })

  it('watches an expected folder from when it is there, and says nothing until then', async () => {
    watcher.add(folder)
    for (const name of ['deep', 'deep/er']) watcher.expect(file(name))
    await watcher.ready
    await mkdir(file('deep/er'), { recursive: true })
    for (const name of ['deep/a.h', 'deep/er/b.h']) await writeFile(file(name), '1')
    await expect.poll(() => told).toEqual(expect.arrayContaining(['changed deep/a.h', 'changed deep/er/b.h']))
    expect(told.filter((each) => !each.startsWith('changed'))).toEqual([])
    await rm(file('deep'), { recursive: true })
    await expect.poll(() => told.join()).toContain('deep is gone')
  })

  it('follows a folder that is swapped for another by renaming', async () => {
    await start()
    await mkdir(join(top, 'new'))
    await writeFile(join(top, 'new/a.wat'), '1')
    await rename(folder, join(top, 'old'))
    await rename(join(top, 'new'), folder)
    await reported('changed a.wat')
    await writeFile(file('a.wat'), '22')
    await reported('changed a.wat')
  })

  it('follows a link: to a file that is edited, replaced, or reached through a folder that is swapped', async () => {
    await writeFile(join(top, 'target.wat'), '1')
    await symlink(join(top, 'target.wat'), file('link.wat'))
    for (const version of ['..1', '..2']) {
      await mkdir(file(version))
      await writeFile(join(file(version), 'deep.wat'), version)
    }
    await symlink('..1', file('..data'))
    await symlink('..data/deep.wat', file('deep.wat'))
    await start()
    await writeFile(join(top, 'target.wat'), '22')
    await reported('changed link.wat')
    await writeFile(join(top, 'target.new'), '333')
    await rename(join(top, 'target.new'), join(top, 'target.wat'))
    await reported('changed link.wat')
    await symlink('..2', file('..new'))
    await rename(file('..new'), file('..data'))
    await reported('changed deep.wat')
  })

  it('watches a folder once that is reached by two paths', async () => {
    await start()
    await symlink(folder, join(top, 'another-name'))
    watcher.add(join(top, 'another-name'))
    for (const name of ['a.wat', 'b.wat']) {
      await writeFile(file(name), '1')
      await expect.poll(() => told).toContain(`changed ${name}`)
    }
    expect(new Set(told)).toEqual(new Set(['changed a.wat', 'changed b.wat']))
  })

  it('refuses a folder that does not exist, and reports nothing after close', async () => {
    expect(await codeOf(() => watcher.add(join(folder, 'gone')))).toBe('LoadFailed')
    await writeFile(file('a.wat'), '')
    expect(await codeOf(() => watcher.add(file('a.wat')))).toBe('LoadFailed')
    await watcher.close()
    await watcher.close()
    watcher.add(folder)
    await writeFile(file('a.wat'), '1')
    expect(told).toEqual([])
  })
})
