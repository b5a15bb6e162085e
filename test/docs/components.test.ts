import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { bitscript, createProject } from '../fixtures/project.ts'

const run = promisify(execFile)
const page = readFileSync(new URL('../../docs/guests.md', import.meta.url), 'utf8')

it('the component in twenty lines of docs/guests.md runs as it says', async () => {
  const section = page.split(/^### /m).find((part) => part.startsWith('A component in twenty lines\n')) ?? ''
  const [game = '', make = ''] = [...section.matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, code]) => code)
  const [wit, play] = [...section.matchAll(/`npx bitscript ([^`]*)`/g)].map(([, line]) => line?.split(' ') ?? [])
  const { folder, remove } = await createProject(['bitecs', '@bytecodealliance'])
  await writeFile(join(folder, 'game.js'), game)
  await writeFile(join(folder, 'make.js'), make)
  const describing = bitscript(folder, ...(wit ?? []))
  expect(await describing.ended, describing.output()).toBe(0)
  expect(describing.output()).toMatch(/LoadFailed\n.*mover\.wasm/)
  await run(process.execPath, ['make.js'], { cwd: folder })
  const running = bitscript(folder, ...(play ?? []))
  expect(await running.ended, running.output()).toBe(0)
  expect(running.output()).toContain(`\n${/prints `(.*?)`/.exec(section)?.[1]}\n`)
  await remove()
})
