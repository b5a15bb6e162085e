import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dependencyOn } from '../../../src/node/new/origin.ts'

let folder: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-origin-')))
})
afterEach(() => rm(folder, { recursive: true }))

/** Puts the package to a path, and beside it what npm says of where it came from. */
async function install(path: string, resolved?: string): Promise<string> {
  const root = join(folder, path)
  await mkdir(root, { recursive: true })
  await writeFile(join(root, 'package.json'), '{ "name": "bitscript", "version": "1.2.3" }')
  if (resolved !== undefined)
    await writeFile(join(root, '../.package-lock.json'), JSON.stringify({ packages: { 'node_modules/bitscript': { resolved } } }))
  return root
}

describe('the bitscript that a new game depends on', () => {
  it('has the version of the one that made it, if that came from a registry', async () => {
    const root = await install('node_modules/bitscript', 'https://registry.npmjs.org/bitscript/-/bitscript-1.2.3.tgz')
    expect(await dependencyOn(root, join(folder, 'game'))).toBe('^1.2.3')
  })

  it('has that version if nothing says where that came from', async () => {
    expect(await dependencyOn(await install('node_modules/bitscript'), join(folder, 'game'))).toBe('^1.2.3')
  })

  it('is the archive that that was installed from', async () => {
    await writeFile(join(folder, 'bitscript-1.2.3.tgz'), '')
    const root = await install('tools/node_modules/bitscript', 'file:../bitscript-1.2.3.tgz')
    expect(await dependencyOn(root, join(folder, 'games/game'))).toBe('file:../../bitscript-1.2.3.tgz')
  })

  it('has that version if the archive is gone', async () => {
    const root = await install('node_modules/bitscript', 'file:../bitscript-1.2.3.tgz')
    expect(await dependencyOn(root, join(folder, 'game'))).toBe('^1.2.3')
  })

  it('is the repository, if that made it', async () => {
    expect(await dependencyOn(await install('clone'), join(folder, 'game'))).toBe('file:../clone')
  })
})
