import { expect, it } from 'vitest'
import { createPackedProject, snippetsOf } from './packed-project.ts'

it('the tests of docs/testing.md pass', async () => {
  const project = await createPackedProject(['bitecs', 'vite', 'vitest'])
  try {
    await project.write('package.json', '{ "type": "module" }')
    for (const { file, code } of await snippetsOf('docs/testing.md')) if (file !== undefined) await project.write(file, code)
    expect(await project.node('node_modules/vitest/vitest.mjs', 'run')).toMatch(/Tests\s+4 passed/)
  } finally {
    await project.remove()
  }
})
