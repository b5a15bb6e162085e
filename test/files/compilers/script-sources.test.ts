import { basename } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { sourcesAmong } from '../../../src/files/compilers/script-sources.ts'
import { createFakeProject, type FakeProject } from '../../fixtures/fake-compilers.ts'

let project: FakeProject
afterEach(() => project.remove())

const TICK = 'export function tick(dt: f32): void {}'

it.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
  [
    'C, but not what it includes, and no headers',
    { 'mover.c': '#include "parts/shared.c"\n#include "game.h"', 'parts/shared.c': '', 'game.h': '' },
    ['mover.c'],
  ],
  [
    'Rust, but not its modules, beside it, in its folder, or at a path',
    {
      'mover.rs': 'mod game;\npub mod deep;\nmod inner { fn f() {} }\n#[path = "parts/one.rs"] mod one;',
      'game.rs': '',
      'mover/deep.rs': '',
      'parts/one.rs': '',
      'inner.rs': '',
    },
    ['mover.rs', 'inner.rs'],
  ],
  [
    'AssemblyScript, but neither TypeScript of the game nor what a script imports',
    {
      'mover.ts': `import { speed } from './lib/speed'\n${TICK}`,
      'lib/speed.ts': 'export const speed: f32 = 1',
      'index.ts': 'export const speed: number = 1',
      'types.d.ts': 'declare const x: f32',
    },
    ['mover.ts'],
  ],
  [
    'not what bitscript bindings wrote',
    {
      'game.ts': `// bitscript bindings, content 0123456789abcdef\n${TICK}`,
      'game.rs': '// bitscript bindings, content 0123456789abcdef\n',
    },
    [],
  ],
])('scripts are those in %s', async (_, files, scripts) => {
  project = await createFakeProject({ asc: false })
  const paths = await Promise.all(Object.entries(files).map(([file, text]) => project.write(`scripts/${file}`, text)))
  expect((await sourcesAmong(paths)).map((path) => basename(path))).toEqual(scripts)
})

it('no TypeScript is a script in a package without AssemblyScript', async () => {
  project = await createFakeProject({ asc: false })
  await project.write('package.json', '{}')
  expect(await sourcesAmong([await project.write('mover.ts', TICK)])).toEqual([])
})
