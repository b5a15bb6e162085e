import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addEntity } from 'bitecs'
import { Past } from 'bitscript/debug'
import { describe, expect, inject, it } from 'vitest'
import { COMPILERS, compiled, createSourceFolder } from '../../fixtures/compiled.ts'
import type { CompiledLanguage } from '../../fixtures/find-compilers.ts'
import { createGame } from '../../fixtures/game.ts'

/** A script that hurts each entity by 4, twice; the lines that read and write, and the functions at them: compilers inline `hurt`. */
const SOURCES: readonly (readonly [CompiledLanguage, text: string, lines: readonly [number, number], functions: readonly string[]])[] = [
  [
    'as',
    `@external('ecs.get', 'Health.points') declare function points(entity: i32): i32
@external('ecs.set', 'Health.points') declare function setPoints(entity: i32, value: i32): void

@inline function hurt(entity: i32, by: i32): void {
  const left = points(entity) - by
  setPoints(entity, left)
}

export function update(entity: i32, dt: f32): void {
  for (let each = 0; each < 2; each++) {
    hurt(entity, 4)
  }
}
`,
    [5, 6],
    // A source map has no functions.
    ['poison/update'],
  ],
  [
    'c',
    `__attribute__((import_module("ecs.get"), import_name("Health.points"))) int points(int entity);
__attribute__((import_module("ecs.set"), import_name("Health.points"))) void set_points(int entity, int value);

static void hurt(int entity, int by) {
  int left = points(entity) - by;
  set_points(entity, left);
}

__attribute__((export_name("update"))) void update(int entity, float dt) {
  for (int each = 0; each < 2; each++) {
    hurt(entity, 4);
  }
}
`,
    [5, 6],
    ['hurt', 'update'],
  ],
  [
    'rust',
    `#![no_std]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! { core::arch::wasm32::unreachable() }
#[link(wasm_import_module = "ecs.get")]
extern "C" { #[link_name = "Health.points"] fn points(entity: i32) -> i32; }
#[link(wasm_import_module = "ecs.set")]
extern "C" { #[link_name = "Health.points"] fn set_points(entity: i32, value: i32); }

fn hurt(entity: i32, by: i32) {
    let left = unsafe { points(entity) } - by;
    unsafe { set_points(entity, left) };
}

#[no_mangle]
pub extern "C" fn update(entity: i32, _dt: f32) {
    for _ in 0..2 {
        hurt(entity, 4);
    }
}
`,
    [10, 11],
    ['poison::hurt', 'update'],
  ],
]

describe.each(SOURCES.filter(([language]) => inject('compilers').includes(language)))(
  'a script in %s',
  (language, text, lines, functions) => {
    it('is traced by its own lines, and who wrote a field is a line of its file', async () => {
      const file = join(await createSourceFolder(), `poison${COMPILERS[language].extension}`)
      await writeFile(file, text)
      const { runtime, world, components } = await createGame()
      const entity = addEntity(world, components.Health)
      runtime.attach(entity, await runtime.loadModule(await compiled(file, language), { name: 'poison' }))
      const past = new Past(runtime)
      for (let tick = 0; tick < 3; tick++) runtime.tick(1 / 64)
      const { events } = await past.trace(2)
      const [reads, writes] = lines
      const shown = events.flatMap(({ kind, place }) =>
        kind === 'write' || (kind === 'line' && lines.includes(place?.line ?? 0)) ? [[kind, place?.line]] : [],
      )
      const once = [
        ['line', reads],
        ['line', writes],
        ['write', writes],
      ]
      expect(shown).toEqual([...once, ...once])
      const [last] = await past.writers('Health.points', entity, { count: 1 })
      expect(last).toMatchObject({ tick: 3, by: 'poison', function: functions[0], old: -20, value: -24, place: { file, line: writes } })
      expect(last?.stack.map(({ function: name }) => name)).toEqual(functions)
      expect(last?.stack[0]?.locals).toMatchObject({ 'local 0': entity, 'local 1': 1 / 64 })
      expect(last?.reads).toMatchObject([{ field: 'Health.points', entity, value: -20, place: { file, line: reads } }])
      const found = await past.find({ lines: { script: 'poison', line: writes, file } })
      expect(found?.tick).toBe(3)
    })
  },
)
