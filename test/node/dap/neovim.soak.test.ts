import { readFile, rm } from 'node:fs/promises'
import type { DebugProtocol } from '@vscode/debugprotocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { finish } from '../../fixtures/project.ts'
import { startCommand } from './editor.ts'
import { createGameFolder, POISON, poisonGame } from './poison-game.ts'

/** What Neovim 0.7.2 with nvim-dap 0.6.0 sent: requests, and the responses and events that it had received before the next one. */
type Line = DebugProtocol.Request | { readonly response: number } | { readonly event: string }

/** What the test looks at in a response, or the reason of one that failed. */
interface Answer {
  readonly result?: string
  readonly stackFrames?: readonly DebugProtocol.StackFrame[]
  readonly failed?: string
}

let folder: string
beforeAll(async () => {
  folder = await createGameFolder({ 'game.mjs': poisonGame("new URL('./poison.wat', import.meta.url)"), 'poison.wat': POISON })
  await finish(folder, 'run', 'game.mjs', '--ticks', '20', '--record', 'game.rec')
})
afterAll(() => rm(folder, { recursive: true }))

it('bitscript dap answers Neovim, which goes through a recording both ways', async () => {
  const text = await readFile(new URL('./neovim.jsonl', import.meta.url), 'utf8')
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line.replaceAll('FOLDER', folder)) as Line)
  const { editor, ended, stop } = startCommand(folder)
  const answers = new Map<number, Promise<Answer>>()
  const stops: { readonly reason: string; readonly description?: string }[] = []
  for (const line of lines) {
    if ('command' in line)
      answers.set(
        line.seq,
        editor.send<Answer>(line).catch((error: Error) => ({ failed: error.message })),
      )
    else if ('response' in line) await answers.get(line.response)
    else if (line.event === 'stopped') stops.push(await editor.heard('stopped'))
    else await editor.heard(line.event)
  }
  // Neovim ends the adapter once it has terminated.
  stop()
  await ended

  const asked = (command: string) => lines.filter((line) => 'command' in line && line.command === command) as DebugProtocol.Request[]
  const tops = await Promise.all(asked('stackTrace').map(async ({ seq }) => (await answers.get(seq))?.stackFrames?.[0]))
  expect(stops.map(({ reason, description = '' }, index) => [reason, description, tops[index]?.name, tops[index]?.line])).toEqual([
    ['entry', '', 'poison.update', 7],
    ['breakpoint', '', 'poison.update', 7],
    ['breakpoint', '', 'poison.hurt', 5],
    ['step', '', 'poison.update', 7],
    ['breakpoint', '', 'poison.hurt', 5],
    ['step', '', 'poison.update', 8],
    ['breakpoint', '', 'poison.hurt', 5],
    ['step', '', 'poison.update', 7],
    ['exception', 'unreachable, tick 7', 'poison.update', 7],
    ['data breakpoint', 'poison wrote Health.points[1]: 0 → -1, tick 4', 'poison.hurt', 5],
    ['goto', '', 'poison.update', 7],
    ['entry', 'The start of what is kept, tick 1', 'before tick 1', 0],
    ['breakpoint', '', 'poison.update', 8],
  ])
  const said = await Promise.all(
    asked('evaluate').map(async ({ seq, arguments: { expression } }) => [expression, await answers.get(seq)] as const),
  )
  expect(Object.fromEntries(said)).toMatchObject({
    $who: { result: '1' },
    'Health.points': { result: '1' },
    'watch Health.points[1] if value == -1': { result: expect.stringContaining('stop at writes with value == -1') },
    unwatch: { result: '1 no longer watched' },
    'tick -2': { result: 'tick 2' },
    'Health.points * 2': { result: '4' },
    'nonsense there': { failed: expect.stringContaining('cannot be read') },
  })
})
