import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Finished, finish } from '../fixtures/project.ts'

const TICK = '(module (func (export "tick") (param f32)))'
let folder: string
let remove: () => Promise<void>

beforeAll(async () => {
  ;({ folder, remove } = await createProject())
})
afterAll(() => remove())
afterEach(() => rm(join(folder, 'mods'), { recursive: true, force: true }))

const finished = (...args: string[]): Promise<Finished> => finish(folder, ...args)

async function writeMods(files: Readonly<Record<string, string | object>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, 'mods', name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
}

const manifest = (name: string, more: object = {}): object => ({ name, version: '1.0.0', source: `${name}.wat`, ...more })

describe('bitscript mods list', () => {
  it('prints names, versions, kinds, and what mods require of each other', async () => {
    await writeMods({
      'base.script.json': manifest('base', { version: '1.2.0' }),
      'base.wat': TICK,
      'nested/door.script.json': manifest('door', { requires: { mods: { base: '^1.1.0' } } }),
      'nested/door.wat': TICK,
    })
    expect(await finished('mods', 'list', 'mods')).toEqual({
      code: 0,
      output: 'base  1.2.0  script\ndoor  1.0.0  script  requires base ^1.1.0 ✓\n',
    })
    const { output } = await finished('mods', 'list', 'mods', '--json')
    expect(JSON.parse(output)).toEqual([
      { file: 'mods/base.script.json', name: 'base', version: '1.2.0', guest: 'script', requires: [] },
      {
        file: 'mods/nested/door.script.json',
        name: 'door',
        version: '1.0.0',
        guest: 'script',
        requires: [{ name: 'base', range: '^1.1.0', state: 'met', version: '1.2.0' }],
      },
    ])
  })

  it('exits with 1 if a mod requires what is not there, or cannot be read', async () => {
    await writeMods({
      'a.script.json': manifest('a', { requires: { mods: { b: '^2.0.0', c: '*', d: '*' } } }),
      'b.script.json': manifest('b'),
      'c.script.json': manifest('c', { requires: { mods: { a: '*' } } }),
      'a.wat': TICK,
      'b.wat': '(module',
      'c.wat': TICK,
    })
    const { code, output } = await finished('mods', 'list', 'mods')
    expect(code).toBe(1)
    expect(output).toContain('a  1.0.0  script  requires b ^2.0.0 ✗ is 1.0.0, c * ✗ requires it, too, d * ✗ is not here')
    expect(output).toMatch(/b {2}1\.0\.0 {2}\?/)
    expect(output).toMatch(/✗ .*b\.wat.* InvalidText/)
  })

  it('says that there are no mods', async () => {
    expect(await finished('mods', 'list', 'nowhere')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/there is no file or folder .*nowhere/),
    })
    expect((await finished('mods')).code).toBe(2)
    expect((await finished('mods', 'list')).code).toBe(2)
  })
})

describe('bitscript mods check', () => {
  it('prints every mistake: of manifests, of modules, and of mods beside each other', async () => {
    await writeMods({
      'good.script.json': manifest('good'),
      'good.wat': TICK,
      'twice.script.json': manifest('good', { source: 'good.wat' }),
      'wrong.script.json': { name: '', version: 'one', source: 'x.wat', hooks: [{ on: 'born', component: 'Health', export: 'x' }] },
      'text.script.json': manifest('text', { requires: { mods: { goof: '*' } } }),
      'text.wat': '(module\n  (func (export "tick") (param f32) i32.cost 1))',
    })
    const { code, output } = await finished('mods', 'check', 'mods')
    expect(code).toBe(1)
    expect(output).toMatch(/✗ mods\/good\.script\.json DuplicateName\n {2}another manifest here has the name 'good', too/)
    expect(output).toMatch(/✗ mods\/text\.wat:2:\d+ InvalidText/)
    expect(output).toMatch(
      /✗ mods\/text\.script\.json DependencyUnmet\n {2}it requires 'goof' \*, which is not here; did you mean 'good'\?/,
    )
    expect(output).toMatch(/✗ mods\/wrong\.script\.json InvalidManifest\n {2}it has \d+ mistakes: name: .*version: .*hooks\[0\]\.on: /)
    const { output: json } = await finished('mods', 'check', 'mods', '--json')
    const results = JSON.parse(json) as { file: string; ok: boolean; mistakes: { code: string }[] }[]
    expect(results.map(({ ok, mistakes }) => [ok, ...mistakes.map((each) => each.code)])).toEqual([
      [false, 'DuplicateName'],
      [false, 'InvalidText', 'DependencyUnmet'],
      [false, 'DuplicateName'],
      [false, 'InvalidManifest'],
    ])
  })

  it('links them against a simulation', async () => {
    await writeMods({
      'far.script.json': manifest('far', { grant: { read: ['Position'] } }),
      'far.wat': '(module (import "ecs.get" "Position.z" (func (param i32) (result f32))) (func (export "tick") (param f32)))',
    })
    expect((await finished('mods', 'check', 'mods')).code).toBe(0)
    const { code, output } = await finished('mods', 'check', 'mods', '--sim', 'demo/sim')
    expect(code).toBe(1)
    expect(output).toMatch(/✗ mods\/far\.wat:1:17 UnknownImport\n.*Position\.z/)
  })
})

describe('bitscript mods pack', () => {
  it('writes copies with the hashes of their modules, and an index, and says what it wrote', async () => {
    const build = { command: 'make', watch: ['src'], output: 'base.wat' }
    await writeMods({
      'base.script.json': manifest('base', { build, $schema: './s.json' }),
      'base.wat': TICK,
      'nested/in line.script.json': manifest('inline', { source: { text: TICK } }),
      'nested/plugin.script.json': manifest('plugin', { source: '../parts/plugin.json', guest: 'extism' }),
      'parts/plugin.json': { wasm: [{ path: 'main.wasm' }] },
      'parts/main.wasm': 'not read here',
      'notes.txt': 'not a part of a mod',
    })
    const { code, output } = await finished('mods', 'pack', 'mods', '-o', 'public/mods')
    expect(output).toMatch(/✓ base 1\.0\.0 {2}2 files, \d+ bytes\n[\s\S]*✓ plugin 1\.0\.0 {2}3 files/)
    expect(code).toBe(0)
    const read = async (name: string): Promise<string> => readFile(join(folder, 'public/mods', name), 'utf8')
    expect(JSON.parse(await read('index.json'))).toEqual({
      mods: ['base.script.json', 'nested/in%20line.script.json', 'nested/plugin.script.json'],
    })
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
    const base = JSON.parse(await read('base.script.json'))
    expect(base).toEqual({ name: 'base', version: '1.0.0', source: { path: 'base.wat', sha256: hash(TICK) } })
    expect(JSON.parse(await read('nested/in line.script.json')).source).toEqual({ text: TICK, sha256: hash(TICK) })
    expect(JSON.parse(await read('nested/plugin.script.json')).source.path).toBe('../parts/plugin.json')
    expect(await read('parts/main.wasm')).toBe('not read here')
    expect((await readdir(join(folder, 'public/mods'))).sort()).toEqual(['base.script.json', 'base.wat', 'index.json', 'nested', 'parts'])
    await rm(join(folder, 'public'), { recursive: true })
  })

  it.each([
    ['a mistake in a manifest', { 'a.script.json': '{' }, /a\.script\.json InvalidManifest/],
    ['a module that is not there', { 'a.script.json': manifest('a') }, /a\.script\.json LoadFailed\n.*there is no file mods\/a\.wat/],
    [
      'a module outside of the folder',
      { 'a.script.json': manifest('a', { source: '../package.json' }) },
      /is outside of mods, where all files of the mods must be/,
    ],
    [
      'a hash of another module',
      { 'a.script.json': manifest('a', { source: { path: 'a.wat', sha256: 'ab'.repeat(32) } }), 'a.wat': TICK },
      /HashMismatch/,
    ],
    ['what a mod requires', { 'a.script.json': manifest('a', { requires: { mods: { b: '*' } } }), 'a.wat': TICK }, /DependencyUnmet/],
  ])('writes nothing if there is %s', async (_, files, message) => {
    await writeMods({ 'good.script.json': manifest('good'), 'good.wat': TICK, ...files })
    const { code, output } = await finished('mods', 'pack', 'mods', '-o', 'packed')
    expect(output).toMatch(message)
    expect(code).toBe(1)
    await expect(readdir(join(folder, 'packed'))).rejects.toThrow()
  })

  it('refuses to write into the folder of the mods', async () => {
    await writeMods({ 'a.script.json': manifest('a'), 'a.wat': TICK })
    const { code, output } = await finished('mods', 'pack', 'mods', '-o', 'mods/packed')
    expect([code, output]).toEqual([1, expect.stringMatching(/InvalidOptions\n.*is in the folder of the mods/)])
  })
})

describe('bitscript run --mods', () => {
  it('reports a mistake in a mod, and a folder without mods, and runs nothing', async () => {
    await writeMods({
      'a.script.json': manifest('a', { grant: { read: [] } }),
      'a.wat': '(module (import "ecs.get" "Position.x" (func (param i32) (result f32))) (func (export "tick") (param f32)))',
    })
    const { code, output } = await finished('run', 'demo/sim', '--mods', 'mods', '--ticks', '10')
    expect([code, output]).toEqual([1, expect.stringMatching(/GrantDenied[\s\S]*Position\.x/)])
    expect(output).not.toContain('ticks/s')
    expect((await finished('run', 'demo/sim', '--mods', 'scripts-wat/none', '--ticks', '10')).output).toMatch(/there is no file or folder/)
    expect((await finished('run', 'demo/sim', '--mods', 'demo/view', '--ticks', '10')).output).toMatch(/has no manifests of mods/)
  })
})
