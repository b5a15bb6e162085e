import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ascConfig } from '../../../src/files/compilers/asconfig.ts'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-asconfig-')))
  await write('package.json', {})
})
afterEach(() => rm(folder, { recursive: true }))

async function write(file: string, content: unknown): Promise<string> {
  const path = join(folder, file)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const SMALL = ['--runtime', 'stub', '-O3', '--converge', '--noAssert', '--use', 'abort=', '--enable', 'simd']

describe('what AssemblyScript is compiled with', () => {
  it('makes small modules, and may be changed by a config that is added', async () => {
    expect(await ascConfig(join(folder, 'sim/mover.ts'))).toEqual({
      flags: SMALL,
      files: [join(folder, 'sim/asconfig.json'), join(folder, 'asconfig.json')],
      refusal: undefined,
    })
  })

  it('is what the nearest config says, with those that it is based on; its target is `release`', async () => {
    await write('asconfig.json', { options: { runtime: 'minimal' } })
    const config = await write('sim/asconfig.json', {
      extends: '../shared/base.json',
      targets: { release: { optimizeLevel: 2 }, debug: { noAssert: false } },
      options: { use: ['abort=sim/mover/abort'] },
    })
    const base = await write('shared/base.json', { options: { converge: false, disable: ['simd'] } })
    expect(await ascConfig(join(folder, 'sim/mover.ts'))).toEqual({
      flags: ['--runtime', 'stub', '--noAssert', '--config', config],
      files: [config, base],
      refusal: undefined,
    })
  })

  it('leaves it to the compiler to refuse a config that is wrong', async () => {
    const config = await write('asconfig.json', '{ "options": ')
    expect((await ascConfig(join(folder, 'mover.ts'))).flags).toEqual([...SMALL, '--config', config])
    for (const wrong of [null, 7, { options: 'x', targets: [1], extends: 7 }, { extends: './asconfig.json' }, { extends: 'no-package' }]) {
      await write('asconfig.json', wrong)
      expect((await ascConfig(join(folder, 'mover.ts'))).flags).toEqual([...SMALL, '--config', config])
    }
  })

  it.each(['transform', 'wasm'])('is refused if it runs code of the project: %s', async (option) => {
    const config = await write('asconfig.json', { options: { [option]: ['./evil.js'] } })
    expect((await ascConfig(join(folder, 'mover.ts'))).refusal).toMatchObject({
      code: 'BuildFailed',
      detail: `${config} has the option ${option}, which runs code of the project while it is compiled: a 'build' of the script's manifest can run it, if the player allows that`,
    })
  })
})
