import { resolveConfig } from 'vite'
import { expect, it } from 'vitest'
import type { Mistake } from '../../src/vite/hot-events.ts'
import { overlayError, withIndent } from '../../src/vite/overlay.ts'
import { createWebProject } from '../fixtures/web-project.ts'

it('the overlay has the trace of a trap, and the text around its place if pages may be served the file', async () => {
  const project = await createWebProject({ 'src/mover.c': 'int share(int a) {\n  return 1 / a;\n}\n', '.env': 'KEY=secret\n' })
  const config = await resolveConfig({ ...project.config, plugins: [] }, 'serve')
  const trapAt = (file: string): Mistake => ({
    ...{ id: 'mover.wasm', code: 'Trap', detail: 'divide by zero', script: 'mover', location: { file, line: 2, column: 12 } },
    trace: [{ function: 'share', location: { file, line: 2, column: 12 } }, { function: 'update' }],
  })
  const shown = overlayError(trapAt('src/mover.c'), config)
  expect(shown.stack).toBe('    at share (src/mover.c:2:12)\n    at update')
  expect(shown.loc).toEqual({ file: `${project.folder}/src/mover.c`, line: 2, column: 12 })
  expect(shown.frame).toContain('> 2 |   return 1 / a;\n    |            ^')
  expect(overlayError({ ...trapAt('src/mover.c'), frame: 'its own' }, config).frame).toBe('its own\n')
  for (const file of ['.env', '/etc/hostname', 'src/none.c', 'src']) expect(overlayError(trapAt(file), config).frame).toBeUndefined()
  await project.remove()
})

it('the first line of a frame stays above the others, although the overlay trims the frame', () => {
  const frame = '  9 | a\n>10 | b\n    | ^\n'
  expect(withIndent({ frame }).frame?.trim().replace('\u2060', '')).toBe(frame.trimEnd())
  expect(withIndent({ frame: '> 1 | a\n' })).toEqual({ frame: '> 1 | a\n' })
  expect(withIndent({})).toEqual({})
})
