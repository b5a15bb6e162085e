import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { MODS_HASH } from '../fixtures/demo-mods.ts'
import { REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)
const COMMAND = 'dist/node/command.js'

it('the world of the demo with all mods is the same on Node 20 and Node 24', async () => {
  for (const version of ['20', '24']) {
    const args = [COMMAND, 'run', 'demo/sim', '--mods', 'demo/mods', '--ticks', '600', '--seed', '7', '--json']
    const { stdout } = await run('npx', ['-y', `node@${version}`, ...args], { cwd: REPOSITORY })
    expect([version, (JSON.parse(stdout) as { hash: string }).hash]).toEqual([version, MODS_HASH])
  }
})

it('the mods of the demo in the repository are those that their manifests build', async () => {
  await run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', 'build/guests'], { cwd: REPOSITORY })
  const state = await mkdtemp(join(tmpdir(), 'bitscript-state-'))
  const names = ['medic.wasm', 'pulse.wasm']
  const read = (): Promise<Buffer[]> => Promise.all(names.map((name) => readFile(join(REPOSITORY, 'demo/mods', name))))
  const before = await read()
  await run(process.execPath, [COMMAND, 'build', 'demo/mods', '--yes'], { cwd: REPOSITORY, env: { ...process.env, XDG_STATE_HOME: state } })
  expect(await read()).toEqual(before)
  await rm(state, { recursive: true })
})
