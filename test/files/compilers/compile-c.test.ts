import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { compileC } from '../../../src/files/compilers/compile-c.ts'
import { createFakeProject, type FakeCompilers, type FakeProject } from '../../fixtures/fake-compilers.ts'

let project: FakeProject
afterEach(() => project.remove())

async function create(compilers?: FakeCompilers): Promise<FakeProject> {
  project = await createFakeProject(compilers)
  return project
}

describe('a source in C', () => {
  it('becomes a module, and depends on the headers that it includes, from folders up to the package', async () => {
    const { write, folder } = await create()
    await write('game.h', 'STEP 3')
    await write('sim/scripts/x y.h', '')
    const compiled = await compileC(await write('sim/scripts/mover.c', '#include "game.h"\n#include "x y.h"'))
    expect(compiled).toMatchObject({ state: 'compiled', dependencies: [join(folder, 'game.h'), join(folder, 'sim/scripts/x y.h')] })
    expect(compiled.state === 'compiled' && WebAssembly.Module.exports(new WebAssembly.Module(new Uint8Array(compiled.module)))).toEqual([
      { name: 'step', kind: 'function' },
    ])
  })

  it('has mistakes at the places that clang names, with columns in characters', async () => {
    const { write, folder } = await create()
    await write('game.h', '\n  oops')
    const compiled = await compileC(await write('mover.c', '\nint ä; oops\n#include "game.h"'))
    expect(compiled).toMatchObject({
      state: 'failed',
      dependencies: [join(folder, 'game.h')],
      error: {
        code: 'InvalidSource',
        detail: "unknown type name 'oops' [-Woops] (and 1 more)",
        location: { file: join(folder, 'mover.c'), line: 2, column: 8 },
        frame: '  1 |\n> 2 | int ä; oops\n    |        ^\n  3 | #include "game.h"',
        mistakes: [{ location: { file: join(folder, 'mover.c') } }, { location: { file: join(folder, 'game.h'), line: 2, column: 3 } }],
      },
    })
  })

  it('has warnings of clang at their places, and those of its linker where the name first stands', async () => {
    const { write, folder } = await create()
    await write('game.h', '\nunused')
    const compiled = await compileC(await write('mover.c', '#include "game.h"\nint ä; unused STEP 9\nother()'))
    const file = join(folder, 'mover.c')
    expect(compiled).toMatchObject({
      state: 'compiled',
      warnings: [
        { detail: 'unused variable [-Wunused]', location: { file: join(folder, 'game.h'), line: 2, column: 1 } },
        {
          location: { file, line: 2, column: 8 },
          frame: '  1 | #include "game.h"\n> 2 | int ä; unused STEP 9\n    |        ^\n  3 | other()',
        },
        { detail: 'function signature mismatch: other', location: { file, line: 3, column: 1 } },
      ],
    })
  })

  it('may be corrected by a header that is missing, wherever it would be found', async () => {
    const { write, folder } = await create()
    const { state, dependencies } = await compileC(await write('sim/mover.c', '#include "later.h"'))
    expect(state).toBe('failed')
    expect(dependencies).toEqual([join(folder, 'sim/later.h'), join(folder, 'later.h')])
  })

  it('has a mistake of the linker where the name first stands', async () => {
    const { write } = await create()
    const compiled = await compileC(await write('mover.c', '// LINK\nvoid LINKED(void);\nint x = LINK();'))
    expect(compiled).toMatchObject({ error: { code: 'InvalidSource', location: { line: 3, column: 9 } } })
    expect(compiled.state === 'failed' && compiled.error.detail).toContain('undefined symbol: LINK')
  })

  it('is named when clang crashes', async () => {
    const { write } = await create()
    expect(await compileC(await write('mover.c', 'CRASH'))).toMatchObject({
      error: { code: 'BuildFailed', detail: 'clang failed on mover.c: clang: error: clang frontend command failed' },
    })
  })

  it('is compiled by a clang with a version in its name', async () => {
    const { write } = await create({ clang: 'clang-16' })
    expect(await compileC(await write('mover.c', ''))).toMatchObject({ state: 'compiled' })
  })

  it('is compiled as long as the compiler is installed, and again once it is back', async () => {
    const { write, folder } = await create()
    const source = await write('mover.c', 'STEP 1')
    for (const name of ['clang', 'wasm-ld']) {
      expect(await compileC(source)).toMatchObject({ state: 'compiled' })
      const program = join(folder, '../bin', name)
      await rename(program, `${program}.gone`)
      await expect(compileC(source)).rejects.toMatchObject({ code: 'EngineUnavailable' })
      await rename(`${program}.gone`, program)
    }
    expect(await compileC(source)).toMatchObject({ state: 'compiled' })
  })

  it.each<readonly [string, FakeCompilers, RegExp]>([
    ['clang is missing', { clang: undefined }, /needs the compiler clang: run '.*clang|LLVM/],
    ['wasm-ld is missing', { linker: false }, /needs the linker wasm-ld beside clang: run '.*(lld|LLVM)/],
  ])('says what to install if %s', async (_, compilers, message) => {
    const { write } = await create(compilers)
    const compiled = compileC(await write('mover.c', ''))
    await expect(compiled).rejects.toMatchObject({ code: 'EngineUnavailable', detail: expect.stringMatching(message) })
  })
})
