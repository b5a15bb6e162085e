import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPOSITORY } from './fixtures/project.ts'

let copy: string

/** A copy of the sources, to put files into that the linter must refuse. */
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'bitscript-layers-'))
  for (const file of ['.biome.json', '.gitignore', 'package.json', 'src'])
    await cp(join(REPOSITORY, file), join(copy, file), { recursive: true })
  await symlink(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rm(copy, { recursive: true }))

/** What the linter says of files, each a folder of src/ with one line. */
async function lint(files: readonly (readonly [folder: string, line: string])[]): Promise<ReadonlyMap<string, string>> {
  const named = files.map(([folder, line], index) => [`src/${folder}/wrong-${index}.ts`, line] as const)
  for (const [file, line] of named) {
    await mkdir(dirname(join(copy, file)), { recursive: true })
    await writeFile(join(copy, file), `${line}\n`)
  }
  const biome = join(REPOSITORY, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--vcs-enabled=false', '--reporter=github', '--max-diagnostics=none', ...named.map(([file]) => file)]
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: copy, maxBuffer: 64 * 1024 * 1024 }, (_, stdout, stderr) => resolve(stdout + stderr))
  })
  return new Map(
    named.map(([file, line]) => [
      `${dirname(file)}: ${line}`,
      output
        .split('\n')
        .filter((each) => each.includes(`${file},`))
        .join('\n'),
    ]),
  )
}

const REFUSED: readonly (readonly [string, string])[] = [
  ['abi', "import '../wasm/format/module.ts'"],
  ['wasm/format', "import '../decode/decode.ts'"],
  ['wasm/decode', "import '../rewrite/rewrite.ts'"],
  ['wasm/rewrite', "import '../text/assemble.ts'"],
  ['wasm/rewrite', "import './vector/graph.ts'"],
  ['wasm/rewrite/vector', "import '../../text/assemble.ts'"],
  ['wasm/rewrite', "import '../../ecs/components/columns.ts'"],
  ['wasm/text', "import '../../runtime/runtime.ts'"],
  ['wasm/text', "import '../debug/debug.ts'"],
  ['wasm/debug', "import '../rewrite/rewrite.ts'"],
  ['wasm/format', "import 'bitecs'"],
  ['wasm/instance', "import 'node:fs'"],
  ['wasm/text', "export const text: unknown = await import('wabt')"],
  ['ecs/components', "import '../entities/access.ts'"],
  ['ecs/entities', "import '../image/hash.ts'"],
  ['ecs/queries', "import '../../wasm/text/assemble.ts'"],
  ['engine', "import '../host/link/linker.ts'"],
  ['host/services', "import '../modules/host.ts'"],
  ['host/modules', "import '../link/linker.ts'"],
  ['host/link', "import '../../guest/guest.ts'"],
  ['host/link', "import 'bitecs'"],
  ['guest/component', "import '../extism/kernel.ts'"],
  ['guest/component/canonical', "import '../component-instance.ts'"],
  ['guest/component', "export const tools: unknown = await import('@bytecodealliance/jco-transpile/wasm-tools')"],
  ['guest/extism', "export const sdk: unknown = await import('@extism/extism')"],
  ['guest', "import '../runtime/runtime.ts'"],
  ['guest/script', "import '../../runtime/script/store.ts'"],
  ['runtime/api', "import '../script/store.ts'"],
  ['runtime/script', "import '../load/load.ts'"],
  ['runtime/load', "import '../tick/tick.ts'"],
  ['runtime/load/manifest', "import '../../tick/tick.ts'"],
  ['runtime/image', "import '../reload/reload.ts'"],
  ['runtime/tick', "import '../reload/probation.ts'"],
  ['runtime/jobs', "import '../tick/tick.ts'"],
  ['runtime/tick', "import '../jobs/runtime-jobs.ts'"],
  ['runtime/reload', "import '../time/history.ts'"],
  ['runtime/time', "import '../../node/index.ts'"],
  ['runtime/tick', "import 'node:fs'"],
  ['runtime/load', "import 'node:fs/promises'"],
  ['ecs/image', "import 'node:fs/promises'"],
  ['wasm/format', "import 'bitecs/serialization'"],
  ['host/link', "import 'wabt/index.js'"],
  ['mods', "import '../node/index.ts'"],
  ['mods', "import 'node:fs'"],
  ['mods', "import 'node:fs/promises'"],
  ['devtools', "import 'node:fs/promises'"],
  ['runtime/time', "import '../../mods/mods.ts'"],
  ['node/new', "import '../../runtime/runtime.ts'"],
  ['files', "import '../node/index.ts'"],
  ['node', "import '../ecs/components/columns.ts'"],
  ['node', "import 'bitecs'"],
  ['node', "import 'chokidar'"],
  ['vite', "import '../node/reloader.ts'"],
  ['vite', "import 'bitecs'"],
  ['debug/trace', "import '../past/past.ts'"],
  ['debug/past', "import '../../node/index.ts'"],
  ['debug/trace', "import 'bitecs'"],
  ['runtime/time', "import '../../debug/index.ts'"],
  ['colyseus/game', "import '../sync/sync-columns.ts'"],
  ['colyseus/sync', "import '../room/script-room.ts'"],
  ['colyseus/sync', "import '../../runtime/script/store.ts'"],
  ['colyseus/sync', "import 'node:crypto'"],
  ['colyseus/client', "import '../room/script-room.ts'"],
  ['colyseus/client', "import '@colyseus/core'"],
  ['colyseus/keep', "import '../room/script-room.ts'"],
  ['colyseus/room', "import '../cluster/cluster.ts'"],
  ['colyseus/room', "import '../client/connect.ts'"],
  ['devtools', "import '../runtime/runtime.ts'"],
  ['devtools/debug', "import '../../runtime/runtime.ts'"],
  ['devtools', "import 'bitecs'"],
]

const ALLOWED: readonly (readonly [string, string])[] = [
  ['runtime/time', "import '../runtime.ts'"],
  ['runtime/jobs', "import '../script/store.ts'"],
  ['runtime/reload', "import '../load/load.ts'"],
  ['runtime/load', "import 'bitecs'"],
  ['guest/script', "import '../guest.ts'"],
  ['guest/script', "import '../../host/link/linker.ts'"],
  ['host/link', "import '../modules/host.ts'"],
  ['ecs/image', "import 'bitecs'"],
  ['mods', "import '../runtime/script/store.ts'"],
  ['node', "import '../files/settle.ts'"],
  ['node', "import 'node:fs/promises'"],
  ['files', "import 'node:fs/promises'"],
  ['vite', "import 'node:timers/promises'"],
  ['devtools', "import '../index.ts'"],
  ['devtools/debug', "import '../../debug/index.ts'"],
  ['devtools/debug', "import '../elements/element.ts'"],
  ['colyseus/client', "import '../sync/sync-columns.ts'"],
  ['colyseus/room', "import '../../index.ts'"],
]

describe('the linter', () => {
  it('refuses every import that does not point down the layers, or leftwards in one', async () => {
    for (const [what, said] of await lint(REFUSED)) expect(said, what).toContain('noRestrictedImports')
  })

  it('allows imports that do', async () => {
    for (const [what, said] of await lint(ALLOWED)) expect(said, what).not.toContain('noRestrictedImports')
  })

  it('refuses a circle', async () => {
    await writeFile(join(copy, 'src/wasm/format/other.ts'), "import './wrong-0.ts'\n")
    const [said] = [...(await lint([['wasm/format', "import './other.ts'"]])).values()]
    expect(said).toContain('noImportCycles')
  })
})
