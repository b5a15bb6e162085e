import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describeModule, parseManifest } from 'bitscript'
import { expect, it } from 'vitest'
import { scriptSchema } from '../../build/script-schema.ts'
import { createProject, REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)
const page = readFileSync(join(REPOSITORY, 'docs/mods.md'), 'utf8')

function snippet(language: string): string {
  const found = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].filter(([, each]) => each === language)
  expect(found).toHaveLength(1)
  return found[0]?.[2] as string
}

it('the mod of docs/mods.md prints what it says', async () => {
  const { folder, remove } = await createProject(['bitecs'])
  try {
    await mkdir(join(folder, 'mods'))
    await writeFile(join(folder, 'mods/doors.script.json'), snippet('json'))
    await writeFile(join(folder, 'mods/doors.wat'), snippet('wat'))
    await writeFile(join(folder, 'game.js'), snippet('js'))
    const { stdout } = await run(process.execPath, ['game.js'], { cwd: folder })
    expect(stdout).toBe("creak 0.25\ncreak 0.75\n[ 'doors 1.0.0 enabled' ]\n")
    for (const part of ['`creak 0.25`', '`creak 0.75`', "`[ 'doors 1.0.0 enabled' ]`"]) expect(page).toContain(part)
  } finally {
    await remove()
  }
})

it('the table of docs/mods.md names every property of a manifest, in the order of the schema', () => {
  const [, section = ''] = page.split('## The manifest')
  const names = [...section.matchAll(/^\| `(\$?\w+)`/gm)].map(([, name]) => name)
  expect(names).toEqual(Object.keys((scriptSchema('') as { properties: object }).properties))
})

it('the example script with a manifest is a mod', async () => {
  const url = new URL('../../scripts-wat/alarm.script.json', import.meta.url)
  expect(parseManifest(readFileSync(url))).toMatchObject({ name: 'alarm', version: '1.0.0' })
  expect((await describeModule(url)).exports.map(({ name }) => name)).toContain('get_version')
})

it('the build of docs/mods.md is one of a manifest', () => {
  expect(parseManifest(snippet('jsonc')).build).toMatchObject({
    command: 'asc',
    watch: ['pulse.ts', 'shared/**/*.ts'],
    output: 'pulse.wasm',
  })
})
