import { expect, it } from 'vitest'
import { createPackedProject, MOVER, snippetsOf } from './packed-project.ts'

// Examples that take too long for `pages.test.ts`.

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

it('the worker of docs/workers.md builds', async () => {
  const project = await createPackedProject(['bitecs', 'vite'])
  try {
    const snippets = await snippetsOf('docs/workers.md')
    for (const { file, code } of snippets) if (file !== undefined) await project.write(file, code)
    await project.write('vite.config.js', snippets.find(({ code }) => code.includes('defineConfig'))?.code as string)
    await project.write('package.json', '{ "type": "module" }')
    await project.write('mover.wat', MOVER)
    await project.write('index.html', '<!doctype html><script type="module" src="/main.js"></script>')
    expect(await project.node('node_modules/vite/bin/vite.js', 'build')).toMatch(/assets\/worker-.*\.js/)
  } finally {
    await project.remove()
  }
})
