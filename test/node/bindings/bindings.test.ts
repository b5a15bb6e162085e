import { readFile } from 'node:fs/promises'
import { createRelation, createWorld } from 'bitecs'
import { defineComponents, describeGame, type GameDescription, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { bindingsOf, LANGUAGE_NAMES, PRINTERS } from '../../../src/node/bindings/printers.ts'
import type { LanguageName } from '../../../src/node/language-option.ts'

/** What a script of the games below imports and handles. */
const SCRIPT = `(module
  (import "ecs.query" "Position !Dead" (func (result i32)))
  (import "ecs.entity" "Position !Dead" (func (param i32) (result i32)))
  (import "emit" "boom" (func (param f32 f64)))
  (import "audio" "play" (func (param i32 f32) (result i32)))
  (import "metrics.counter" "shots{weapon=laser}" (func (param f64)))
  (import "config.number" "gun.speed" (func (result f64)))
  (import "config.flag" "gun.auto" (func (result i32)))
  (func (export "on_hit") (param i32 f32)))`

async function describeWith(
  components: Parameters<typeof WasmScriptRuntime.create>[0]['components'],
  scripts: readonly string[] = [],
): Promise<GameDescription> {
  const runtime = await createRuntime(components)
  for (const [index, script] of scripts.entries()) {
    await runtime.loadModule(script, { name: `script-${index}`, config: { gun: { speed: 3, auto: true } } })
  }
  const game = describeGame(runtime)
  runtime.dispose()
  return game
}

function createRuntime(components: Parameters<typeof WasmScriptRuntime.create>[0]['components']): Promise<WasmScriptRuntime> {
  const host = { audio: { play: () => 0, stop: () => undefined } }
  const relations = { ChildOf: createRelation({ exclusive: true }) }
  return WasmScriptRuntime.create({
    world: createWorld(),
    components: components ?? {},
    relations,
    host,
    http: true,
  }) as Promise<unknown> as Promise<WasmScriptRuntime>
}

/** The part of the bindings of a game that is not the same in every game. */
async function print(game: GameDescription, name: LanguageName): Promise<string> {
  const library = await readFile(new URL(`../../../bindings/${PRINTERS[name].file}`, import.meta.url), 'utf8')
  return bindingsOf(game, name, library).replace(library.trimEnd(), '')
}

/** The declarations without comments, those of the fixed ABI left out. */
function declared(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => /Position|Target|ChildOf|boom|hit|play|shots|gun|script-0|script_0/.test(line) && !/^\/[/*]/.test(line))
}

const COMPONENTS = {
  ...defineComponents({ Position: { x: 'f32', isUp: 'u8' }, Target: { of: 'eid' }, Dead: {} }),
}

describe('the bindings of a game', () => {
  it('are functions of C on an entity that is no integer', async () => {
    const game = await describeWith(COMPONENTS, [SCRIPT])
    expect(declared(await print(game, 'c'))).toEqual([
      'BS_IMPORT("ecs.has", "Position") bool has_position(entity e);',
      'BS_IMPORT("ecs.add", "Position") void add_position(entity e);',
      'BS_IMPORT("ecs.remove", "Position") void remove_position(entity e);',
      'BS_IMPORT("ecs.get", "Position.x") float position_x(entity e);',
      'BS_IMPORT("ecs.set", "Position.x") void set_position_x(entity e, float value);',
      'BS_IMPORT("ecs.get", "Position.isUp") uint8_t position_is_up(entity e);',
      'BS_IMPORT("ecs.set", "Position.isUp") void set_position_is_up(entity e, uint8_t value);',
      'BS_IMPORT("ecs.has", "Target") bool has_target(entity e);',
      'BS_IMPORT("ecs.add", "Target") void add_target(entity e);',
      'BS_IMPORT("ecs.remove", "Target") void remove_target(entity e);',
      'BS_IMPORT("ecs.get", "Target.of") entity target_of(entity e);',
      'BS_IMPORT("ecs.set", "Target.of") void set_target_of(entity e, entity value);',
      'BS_IMPORT("ecs.target", "ChildOf") entity child_of_target(entity e);',
      'BS_IMPORT("ecs.relate", "ChildOf") void relate_child_of(entity e, entity target);',
      'BS_IMPORT("ecs.unrelate", "ChildOf") void unrelate_child_of(entity e, entity target);',
      'BS_IMPORT("ecs.attach", "script-0") void attach_script_0(entity e);',
      'BS_IMPORT("ecs.detach", "script-0") void detach_script_0(entity e);',
      'BS_IMPORT("emit", "boom") void emit_boom(float value1, double value2);',
      'BS_IMPORT("emit", "hit") void emit_hit(int32_t value1, float value2);',
      'BS_IMPORT("audio", "play") int32_t audio_play(int32_t value1, float value2);',
      'BS_IMPORT("metrics.counter", "shots{weapon=laser}") void count_shots_weapon_laser(double value);',
      'BS_IMPORT("config.number", "gun.speed") double config_gun_speed(void);',
      'BS_IMPORT("config.flag", "gun.auto") bool config_gun_auto(void);',
      'BS_QUERY(position_not_dead, "Position !Dead");',
    ])
  })

  it('say what each function does and costs, in the words of the ABI', async () => {
    const plain = await describeWith({ ...COMPONENTS, Score: { points: [] } }, [SCRIPT])
    const text = await print(plain, 'c')
    expect(text).toContain('/// Position.x: read a field of an entity (fuel 0)\n')
    expect(text).toContain('/// Score.points: read a field of an entity (fuel 14)\n')
    expect(text).toContain('/// boom: queue an event, with any numbers (fuel 200)\n')
    expect(text).toContain('/// audio.play: a function of the game (fuel 70)\n')
  })

  it('are external functions of AssemblyScript', async () => {
    const text = await print(await describeWith(COMPONENTS, [SCRIPT]), 'as')
    expect(text).toContain(`/** Position.isUp: write a field of an entity; integers wrap (fuel 0) */
// @ts-ignore: a decorator of AssemblyScript
@external("ecs.set", "Position.isUp")
export declare function setPositionIsUp(entity: Entity, value: u8): void
`)
    expect(text).toContain('export declare function targetOf(entity: Entity): Entity | null\n')
    expect(text).toContain('export declare function emitBoom(value1: f32, value2: f64): void\n')
    expect(text).toContain('export namespace positionNotDead {\n')
  })

  it('are functions of Rust', async () => {
    const text = await print(await describeWith(COMPONENTS, [SCRIPT]), 'rust')
    expect(text).toContain(`    /// Position.isUp: write a field of an entity; integers wrap (fuel 0)
    "ecs.set" "Position.isUp" fn set_position_is_up(entity: Entity, value: u8);
`)
    expect(text).toContain('    "ecs.get" "Target.of" fn target_of(entity: Entity) -> Option<Entity>;\n')
    expect(text).toContain('    "emit" "boom" fn emit_boom(value1: f32, value2: f64);\n')
    expect(text).toContain('query! {\n    fn position_not_dead = "Position !Dead";\n}')
  })

  it('are imports of WAT, which a script may have all of', async () => {
    const text = await print(await describeWith(COMPONENTS, [SCRIPT]), 'wat')
    expect(text).toContain(`  ;; Position.isUp: write a field of an entity; integers wrap (fuel 0)
  (import "ecs.set" "Position.isUp" (func $set_position_is_up (param i32 i32)))
`)
    const runtime = await createRuntime(COMPONENTS)
    const script = `${text.slice(0, text.lastIndexOf(')'))}(memory (export "memory") 1) (func (export "tick") (param f32)))`
    const { imports } = await runtime.checkModule(script, { config: { gun: { speed: 1, auto: true } } })
    expect(imports.length).toBe(text.split('\n').filter((line) => line.startsWith('  (import ')).length)
    runtime.dispose()
  })

  it.each(LANGUAGE_NAMES)('give the same game the same bytes: %s', async (name) => {
    const [one, other] = [await describeWith(COMPONENTS, [SCRIPT]), await describeWith(COMPONENTS, [SCRIPT])]
    expect(await print(one, name)).toBe(await print(other, name))
  })

  it('say which names they cannot write, and whose name is taken', async () => {
    const odd = {
      ...defineComponents({ Foo: { x: 'f32', aB: 'f32', a_b: 'f32' }, foo: { x: 'f32' }, Int: {}, Größe: { x: 'f32' } }),
      'a "b\\': { x: [] },
      'c */ //': { x: [] },
    }
    const text = await print(await describeWith(odd), 'c')
    expect(text.split('\n').filter((line) => line.includes(' is missing: '))).toEqual([
      '// The function audio.play is missing: no loaded script says its type.',
      '// The function audio.stop is missing: no loaded script says its type.',
      '// The field Foo.a_b is missing: C writes its name as that of the field Foo.aB.',
      '// Set of the field Foo.a_b is missing: C writes its name as that of set of the field Foo.aB.',
      '// Has of the component foo is missing: C writes its name as that of has of the component Foo.',
      '// Add of the component foo is missing: C writes its name as that of add of the component Foo.',
      '// Remove of the component foo is missing: C writes its name as that of remove of the component Foo.',
      '// The field foo.x is missing: C writes its name as that of the field Foo.x.',
      '// Set of the field foo.x is missing: C writes its name as that of set of the field Foo.x.',
      '// Has of the component Größe is missing: C cannot write its name.',
      '// Add of the component Größe is missing: C cannot write its name.',
      '// Remove of the component Größe is missing: C cannot write its name.',
      '// The field Größe.x is missing: C cannot write its name.',
      '// Set of the field Größe.x is missing: C cannot write its name.',
    ])
    expect(text).toContain('BS_IMPORT("ecs.get", "a \\"b\\\\.x") double a_b_x(entity e);')
    expect(text).toContain('/* ---- The component c * / // ---- */')
  })

  it('give a name that is a word of the language an underscore', async () => {
    const query = (terms: string): string =>
      `(module (import "ecs.query" "${terms}" (func (result i32))) (func (export "tick") (param f32)))`
    const game = await describeWith(defineComponents({ Class: {}, Log: {}, Int: {} }), [query('Class'), query('Int'), query('Log')])
    expect(await print(game, 'c')).toContain('BS_QUERY(class, "Class");\n/// Int\nBS_QUERY(int_, "Int");\n/// Log\nBS_QUERY(log_, "Log");')
    expect(await print(game, 'as')).toContain('export namespace class_ {')
  })
})
