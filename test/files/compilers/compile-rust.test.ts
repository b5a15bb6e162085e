import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { compileRust } from '../../../src/files/compilers/compile-rust.ts'
import { createFakeProject, type FakeCompilers, type FakeProject } from '../../fixtures/fake-compilers.ts'

let project: FakeProject
afterEach(() => project.remove())

async function create(compilers?: FakeCompilers): Promise<FakeProject> {
  project = await createFakeProject(compilers)
  return project
}

describe('a source in Rust', () => {
  it('becomes a module, and depends on its modules', async () => {
    const { write, folder } = await create()
    await write('game.rs', '')
    expect(await compileRust(await write('mover.rs', 'mod game;'))).toMatchObject({
      state: 'compiled',
      dependencies: [join(folder, 'game.rs')],
    })
  })

  it('has mistakes at the places that rustc names, with what rustc says there and how it would mend them', async () => {
    const { write, folder } = await create()
    expect(await compileRust(await write('mover.rs', 'fn f() {\n  oops\n}'))).toMatchObject({
      state: 'failed',
      error: {
        code: 'InvalidSource',
        detail: 'cannot find value `oops` in this scope [E0425]: not found; help: a local variable exists: `ops`',
        location: { file: join(folder, 'mover.rs'), line: 2, column: 3 },
        frame: '  1 | fn f() {\n> 2 |   oops\n    |   ^\n  3 | }',
      },
    })
  })

  it('has warnings at the places that rustc names', async () => {
    const { write, folder } = await create()
    expect(await compileRust(await write('mover.rs', '// STEP 1\n  unused'))).toMatchObject({
      state: 'compiled',
      warnings: [
        {
          detail: 'unused variable [unused_variables]: not found',
          location: { file: join(folder, 'mover.rs'), line: 2, column: 3 },
          frame: '  1 | // STEP 1\n> 2 |   unused\n    |   ^',
        },
      ],
    })
  })

  it('may be corrected by a module that is missing', async () => {
    const { write, folder } = await create()
    const { state, dependencies } = await compileRust(await write('mover.rs', 'mod later;'))
    expect(state).toBe('failed')
    expect(dependencies).toEqual([join(folder, 'later.rs'), join(folder, 'later/mod.rs')])
  })

  it('is compiled by the first rustc that can make WebAssembly', async () => {
    const { write } = await create({ rust: [false, true] })
    expect(await compileRust(await write('mover.rs', ''))).toMatchObject({ state: 'compiled' })
  })

  it('is compiled as long as the compiler is installed, and again once it is back', async () => {
    const { write, folder } = await create()
    const source = await write('mover.rs', 'STEP 1')
    for (const name of ['bin0/rustc', 'bin/wasm-ld']) {
      expect(await compileRust(source)).toMatchObject({ state: 'compiled' })
      const program = join(folder, '..', name)
      await rename(program, `${program}.gone`)
      await expect(compileRust(source)).rejects.toMatchObject({ code: 'EngineUnavailable' })
      await rename(`${program}.gone`, program)
    }
    expect(await compileRust(source)).toMatchObject({ state: 'compiled' })
  })

  it.each<readonly [string, FakeCompilers, RegExp]>([
    ['rustc is missing', { rust: [] }, /needs the compiler rustc: install it from https:\/\/rustup\.rs/],
    ['it has no libraries for WebAssembly', { rust: [false] }, /run 'rustup target add wasm32-unknown-unknown'/],
    ['there is no linker', { linker: false }, /the linker wasm-ld is missing: run '/],
  ])('says what to install if %s', async (_, compilers, message) => {
    const { write } = await create(compilers)
    const compiled = compileRust(await write('mover.rs', ''))
    await expect(compiled).rejects.toMatchObject({ code: 'EngineUnavailable', detail: expect.stringMatching(message) })
  })
})
