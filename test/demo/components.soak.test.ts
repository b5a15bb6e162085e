import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { hashWorld } from 'bitscript'
import { expect, it } from 'vitest'
import { createSimulation } from '../../demo/sim/index.ts'
import { REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)

/** Resolves with the first name of clang that this machine knows. */
async function findClang(): Promise<string | undefined> {
  for (const name of ['clang', 'clang-20', 'clang-19', 'clang-18', 'clang-17', 'clang-16']) {
    const isThere = await run(name, ['--version']).then(
      () => true,
      () => false,
    )
    if (isThere) return name
  }
  return undefined
}

const clang = await findClang()

// The steps of `npm run guests:components` without the build: other tests serve `dist/` at the same time.
it.skipIf(clang === undefined)('components made of their sources leave the world of the demo as it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-guests-'))
  const wit = join(folder, 'game.wit')
  await run(process.execPath, ['dist/node/command.js', 'wit', 'demo/sim', '-o', wit], { cwd: REPOSITORY })
  expect(await readFile(wit, 'utf8')).toBe(await readFile(join(REPOSITORY, 'demo/guests/components/game.wit'), 'utf8'))
  await run('npx', ['tsx', 'build/guest-components.ts', clang ?? '', folder], { cwd: REPOSITORY })
  const made = (name: string): URL => pathToFileURL(join(folder, `${name}.wasm`))
  const game = await createSimulation({ seed: 7, scripts: { spark: made('spark'), stars: made('stars') } })
  game.runtime.on('log', () => undefined)
  await game.load()
  for (let tick = 0; tick < 600; tick++) game.step(1 / 60)
  expect(game.runtime.find('spark')?.guest).toBe('component')
  expect(hashWorld(game.world, game.components)).toBe('47e4ced5a3b21675')
  game.runtime.dispose()
  await rm(folder, { recursive: true })
})
