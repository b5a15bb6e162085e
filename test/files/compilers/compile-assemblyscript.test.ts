import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { compileAssemblyScript, isAssemblyScript } from '../../../src/files/compilers/compile-assemblyscript.ts'
import { createFakeProject, type FakeCompilers, type FakeProject } from '../../fixtures/fake-compilers.ts'

let project: FakeProject
afterEach(() => project.remove())

async function create(compilers?: FakeCompilers): Promise<FakeProject> {
  project = await createFakeProject(compilers)
  return project
}

describe('a source in AssemblyScript', () => {
  it('becomes a module with its source map in it, and depends on its imports and on where they were looked for', async () => {
    const { write, folder } = await create()
    await write('sim/lib/index.ts', '')
    const compiled = await compileAssemblyScript(await write('sim/mover.ts', "import { x } from './lib'\n"))
    const dependencies = ['sim/lib.ts', 'sim/lib/index.ts', 'sim/asconfig.json', 'asconfig.json'].map((name) => join(folder, name))
    expect(compiled).toMatchObject({ state: 'compiled', dependencies })
    const module = new WebAssembly.Module(new Uint8Array(compiled.state === 'compiled' ? compiled.module : []))
    const section = new TextDecoder().decode(WebAssembly.Module.customSections(module, 'sourceMappingURL')[0])
    const map = Buffer.from(section.replace(/^.*base64,/s, ''), 'base64').toString()
    expect(JSON.parse(map)).toMatchObject({
      sources: ['~lib/rt.ts', pathToFileURL(join(folder, 'sim/mover.ts')).href],
      sourcesContent: [null, "import { x } from './lib'\n"],
    })
  })

  it('has mistakes at the places that asc names, in the standard library, too', async () => {
    const { write, folder } = await create()
    expect(await compileAssemblyScript(await write('mover.ts', 'let x =\n  oops // LIBRARY'))).toMatchObject({
      state: 'failed',
      error: {
        code: 'InvalidSource',
        detail: "Cannot find name 'oops' [AS2304] (and 1 more)",
        location: { file: join(folder, 'mover.ts'), line: 2, column: 3 },
        mistakes: [{}, { location: { file: '~lib/array.ts', line: 2, column: 3 }, frame: '  1 | class Array {}\n> 2 |   oops\n    |   ^' }],
      },
    })
  })

  it('has warnings at the places that asc names', async () => {
    const { write, folder } = await create()
    expect(await compileAssemblyScript(await write('mover.ts', '// STEP 1\n  unused'))).toMatchObject({
      state: 'compiled',
      warnings: [{ detail: 'Unused [AS9]', location: { file: join(folder, 'mover.ts'), line: 2, column: 3 } }],
    })
  })

  it('may be corrected by an import that is missing', async () => {
    const { write, folder } = await create()
    const { state, dependencies } = await compileAssemblyScript(await write('mover.ts', "import { x } from './later'"))
    expect(state).toBe('failed')
    expect(dependencies).toEqual(['later.ts', 'later/index.ts', 'asconfig.json'].map((name) => join(folder, name)))
  })

  it('is named when asc crashes, which then compiles the next source', async () => {
    const { write } = await create()
    expect(await compileAssemblyScript(await write('mover.ts', 'CRASH'))).toMatchObject({
      error: { code: 'BuildFailed', detail: 'asc failed on mover.ts: Error: out of bounds' },
    })
    expect(await compileAssemblyScript(await write('mover.ts', ''))).toMatchObject({ state: 'compiled' })
  })

  it('is compiled after one on which asc hangs, which is ended', async () => {
    const { write } = await create()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const [hanging, next] = [await write('hangs.ts', 'HANG'), await write('mover.ts', '')].map(compileAssemblyScript)
    while (vi.getTimerCount() === 0) await setImmediate()
    vi.advanceTimersByTime(120_000)
    expect(await hanging).toMatchObject({
      error: { code: 'BuildFailed', detail: 'asc failed on hangs.ts: asc did not end within 120 s, so it was ended' },
    })
    expect(await next).toMatchObject({ state: 'compiled' })
  })

  it('says what to install if the project has no compiler', async () => {
    const { write } = await create({ asc: false })
    await expect(compileAssemblyScript(await write('mover.ts', ''))).rejects.toMatchObject({
      code: 'EngineUnavailable',
      detail: expect.stringContaining("run 'npm install --save-dev assemblyscript'"),
    })
  })

  it('is meant by the package, by a folder named assembly, or by an asconfig.json', async () => {
    const { write } = await create()
    expect(isAssemblyScript(await write('deep/in/mover.ts', ''))).toBe(true)
    await write('package.json', '{}')
    const game = await write('sim/index.ts', 'export const x: number = 1')
    expect(isAssemblyScript(game)).toBe(false)
    expect(isAssemblyScript(await write('assembly/deep/mover.ts', ''))).toBe(true)
    await write('scripts/asconfig.json', '{}')
    expect(isAssemblyScript(await write('scripts/mover.ts', ''))).toBe(true)
    await expect(compileAssemblyScript(game)).rejects.toMatchObject({
      code: 'LoadFailed',
      detail: expect.stringContaining('is TypeScript, which cannot be a script'),
    })
  })
})
