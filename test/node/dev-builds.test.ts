import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DevBuilds } from '../../src/node/dev-builds.ts'

let folder: string
let builds: DevBuilds
let printed: string[]

const file = (name: string): string => join(folder, name)
const copy = (to: string): object => ({
  command: 'node',
  args: ['-e', `require('fs').copyFileSync('main.txt', '${to}')`],
  watch: ['main.txt'],
  output: to,
})

async function writeManifest(build: object | undefined): Promise<void> {
  await writeFile(file('mod.script.json'), JSON.stringify({ name: 'mod', version: '1.0.0', source: 'out.wat', build }))
}

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-dev-builds-')))
  vi.stubEnv('XDG_STATE_HOME', file('state'))
  await writeFile(file('main.txt'), '1')
  printed = []
})
afterEach(async () => {
  await builds.close()
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

function start(yes: boolean): DevBuilds {
  builds = new DevBuilds({ yes, print: (text) => printed.push(text) })
  return builds
}

describe('DevBuilds', () => {
  it('builds what is stale, once for a manifest, and again when a source is saved', async () => {
    await writeManifest(copy('out.wat'))
    await start(true).add([file('mod.script.json')])
    expect(await readFile(file('out.wat'), 'utf8')).toBe('1')
    await builds.add([file('mod.script.json')])
    await writeFile(file('main.txt'), '2')
    await expect.poll(() => readFile(file('out.wat'), 'utf8')).toBe('2')
  })

  it('takes a command that was allowed before when the manifest is saved, and asks for no other one while the game runs', async () => {
    await writeManifest(copy('other.wat'))
    const before = start(true)
    await before.add([file('mod.script.json')])
    await before.close()
    await writeManifest(copy('out.wat'))
    await start(true).add([file('mod.script.json')])
    await builds.close()

    await start(false).add([file('mod.script.json')])
    await rm(file('other.wat'))
    await writeManifest(copy('other.wat'))
    await builds.changed(file('mod.script.json'))
    expect(await readFile(file('other.wat'), 'utf8')).toBe('1')
    printed.length = 0
    await writeManifest(copy('stranger.wat'))
    await builds.changed(file('mod.script.json'))
    await builds.changed(file('mod.script.json'))
    expect(printed).toEqual([
      expect.stringContaining('nobody has allowed it, and the game runs; start it again to be asked, or give --yes'),
    ])
    await expect(readFile(file('stranger.wat'))).rejects.toThrow()
    await writeManifest(undefined)
    await builds.changed(file('mod.script.json'))
    await writeFile(file('mod.script.json'), '{')
    await builds.changed(file('mod.script.json'))
    expect(printed).toHaveLength(1)
  })

  it('says that the folder of a source is missing, and goes on', async () => {
    await writeManifest({ ...copy('out.wat'), watch: ['nowhere/main.txt'] })
    await start(true).add([file('mod.script.json')])
    expect(printed.join('\n')).toMatch(/LoadFailed[\s\S]*the folder .*nowhere cannot be watched/)
  })
})
