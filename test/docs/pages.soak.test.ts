import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { createPackedProject, MOVER, snippetsOf } from './packed-project.ts'

const run = promisify(execFile)

// Examples that take too long for `pages.test.ts`.

it('the tests of docs/testing.md pass', async () => {
  const project = await createPackedProject(['bitecs', 'vite', 'vitest'])
  try {
    await project.write('package.json', '{ "type": "module" }')
    const snippets = await snippetsOf('docs/testing.md')
    for (const { file, code } of snippets) if (file !== undefined) await project.write(file, code)
    expect(await project.node('node_modules/vitest/vitest.mjs', 'run')).toMatch(/Tests\s+4 passed/)
    const game = await readFile(join(project.folder, 'game.js'), 'utf8')
    const counted = game.replace('  return { components', '  await count(runtime)\n  return { components')
    await project.write('game.js', `import { count } from './coverage.js'\n${counted}`)
    const config = snippets.find(({ code }) => code.includes('globalSetup: '))?.code
    await project.write(
      'vitest.config.js',
      `${snippets.find(({ file }) => file === 'vitest.config.js')?.code.replace(/^export.*$/m, '')}${config}`,
    )
    await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run'], { cwd: project.folder, env: { ...process.env, COVERAGE: '1' } })
    expect(await readFile(join(project.folder, 'coverage/lcov.info'), 'utf8')).toMatch(
      /^SF:.*mover\.wat\nFN:6,update\nFNDA:\d{3},update\n/m,
    )
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
