import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPOSITORY } from './fixtures/project.ts'

let house: string

/** A copy of the house with other walls: the linter must see what is wrong with them. */
beforeAll(async () => {
  house = await mkdtemp(join(tmpdir(), 'bitscript-house-'))
  for (const file of ['.biome.json', '.gitignore', 'package.json', 'src'])
    await cp(join(REPOSITORY, file), join(house, file), { recursive: true })
  await symlink(join(REPOSITORY, 'node_modules'), join(house, 'node_modules'))
})
afterAll(() => rm(house, { recursive: true }))

/** What the linter says of a file with these lines. */
async function lint(file: string, ...lines: string[]): Promise<string> {
  await mkdir(dirname(join(house, file)), { recursive: true })
  await writeFile(join(house, file), lines.join('\n'))
  return new Promise((resolve) => {
    const biome = join(REPOSITORY, 'node_modules/@biomejs/biome/bin/biome')
    execFile(process.execPath, [biome, 'lint', '--vcs-enabled=false', file], { cwd: house }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}

describe('the layers', () => {
  it.each([
    ['src/wasm/wrong.ts', "import '../src/ecs/components/columns.ts'"],
    ['src/wasm/wrong.ts', "import '../src/runtime/runtime.ts'"],
    ['src/wasm/wrong.ts', "import 'bitecs'"],
    ['src/wasm/wrong.ts', "import 'node:fs'"],
    ['src/wasm/wrong.ts', "export const text: unknown = await import('wabt')"],
    ['src/ecs/wrong.ts', "import '../wasm/wat.ts'"],
    ['src/ecs/wrong.ts', "import type { Engine } from '../engine/engine.ts'\nexport type A = Engine"],
    ['src/engine/wrong.ts', "import '../host/log.ts'"],
    ['src/host/wrong.ts', "import '../src/runtime/runtime.ts'"],
    ['src/host/wrong.ts', "import 'bitecs'"],
    ['src/runtime/wrong.ts', "import '../src/node/read-file.ts'"],
    ['src/runtime/wrong.ts', "import 'node:fs'"],
    ['src/node/wrong.ts', "import '../src/ecs/components/columns.ts'"],
    ['src/node/wrong.ts', "import 'bitecs'"],
    ['src/vite/wrong.ts', "import '../src/node/reloader.ts'"],
    ['src/vite/wrong.ts', "import 'bitecs'"],
    ['src/devtools/wrong.ts', "import '../src/runtime/runtime.ts'"],
    ['src/devtools/wrong.ts', "import 'bitecs'"],
    ['src/runtime/wrong.ts', "import '../devtools/index.ts'"],
    ['src/errors.ts', "import './abi.ts'"],
  ])('refuse, in %s, %s', async (file, line) => {
    expect(await lint(file, line)).toContain('noRestrictedImports')
  })

  it('allow what points down', async () => {
    expect(
      await lint('src/runtime/right.ts', "import 'bitecs'", "import '../wasm/wat.ts'", "import '../src/ecs/components/columns.ts'"),
    ).not.toContain('Restricted')
  })

  it('allow no cycle', async () => {
    await writeFile(join(house, 'src/wasm/other.ts'), "import './circle.ts'\n")
    expect(await lint('src/wasm/circle.ts', "import './other.ts'")).toContain('noImportCycles')
  })
})
