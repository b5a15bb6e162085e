import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import * as bitecs from 'bitecs'
import * as bitscript from 'bitscript'
import { describe, expect, it } from 'vitest'
import { MAX_OUTPUT_BYTES, MAX_OUTPUTS, MAX_WAITING_BYTES, MAX_WAITING_ITEMS } from '../../src/runtime/jobs/job-state.ts'

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const MODULES: Readonly<Record<string, object>> = { bitecs, bitscript }

/** Runs the first block of code under a heading. Returns what it prints, and what its comments say that it prints. */
async function run(file: string, heading: string): Promise<{ readonly printed: string[]; readonly promised: string[] }> {
  const section =
    read(file)
      .split(/^## /m)
      .find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const [, code = ''] = /^```js\n([\s\S]*?)^```/m.exec(section) ?? []
  const printed: string[] = []
  const body = code.replace(
    /^import \{(.*)\} from '(\w+)'$/gm,
    (_, names: string, module: string) => `const {${names}} = modules['${module}']`,
  )
  const log = (...values: unknown[]): void => void printed.push(values.map((value) => inspect(value)).join(' '))
  await new Function('modules', 'console', `return (async () => {${body}\n})()`)(MODULES, { log })
  return {
    printed,
    promised: [...code.matchAll(/^(?:for await .*\) )?console\.log\(.*\) \/\/ (.*)$/gm)].map(([, promise = '']) => promise),
  }
}

describe('docs/actors.md', () => {
  it.each(['Hooks', 'Messages', 'Actors'])('prints what it says: %s', async (heading) => {
    const { printed, promised } = await run('docs/actors.md', heading)
    expect(promised.length).toBe(1)
    expect(printed).toEqual(promised)
  })
})

describe('docs/hosting-mods.md', () => {
  it('prints what it says: What you decide', async () => {
    expect((await run('docs/hosting-mods.md', 'What you decide')).printed).toEqual(["'GrantDenied'"])
  })
})

describe('docs/jobs.md', () => {
  it('prints what it says: An example', async () => {
    const { printed, promised } = await run('docs/jobs.md', 'An example')
    expect(promised.length).toBe(3)
    expect(printed).toEqual(promised)
  })

  it('prints what it says: Spilling to storage', async () => {
    const { printed, promised } = await run('docs/jobs.md', 'Spilling to storage')
    expect(promised).toEqual(['400000', '4'])
    expect(printed).toEqual(promised)
  })

  it('says how much waits for a job, and how much a job lets wait', () => {
    const page = read('docs/jobs.md')
    expect(page).toContain(
      `At most ${MAX_WAITING_ITEMS.toLocaleString('en')} values or two chunks, and ${MAX_WAITING_BYTES / 2 ** 20} MiB of bytes`,
    )
    expect(page).toContain(`with ${MAX_OUTPUTS} of them or ${MAX_OUTPUT_BYTES / 2 ** 20} MiB of bytes untaken`)
  })
})

describe('docs/services.md', () => {
  it.each([
    ['Metrics', 2],
    ['HTTP', 1],
  ])('prints what it says: %s', async (heading, count) => {
    const { printed, promised } = await run('docs/services.md', heading)
    expect(promised.length).toBe(count)
    expect(printed).toEqual(promised)
  })
})
