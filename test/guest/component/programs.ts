import type { ScriptSource } from 'bitscript'
import { corePrograms, NUMBERS, quote } from '../conformance/core-programs.ts'
import type { Program, Programs, TestedGuest } from '../conformance/programs.ts'

/** Makes a component of a core module in WAT, whose world is `script` in the WIT. */
export type MakeComponent = (wat: string, wit: string) => Promise<ScriptSource>

/** What a script imports, and what a component imports in its place. */
const IMPORTS: Readonly<Record<string, string>> = {
  '"ecs.get" "Position.x"': '"game:ecs/position" "get-x"',
  '"ecs.get" "Positoin.x"': '"game:ecs/positoin" "get-x"',
  '"ecs.set" "Position.x"': '"game:ecs/position" "set-x"',
  '"ecs.get" "Health.points"': '"game:ecs/health" "get-points"',
  '"ecs.set" "Health.points"': '"game:ecs/health" "set-points"',
  '"ecs" "spawn"': '"bitscript:game/entities" "spawn"',
  '"host" "random"': '"bitscript:game/math" "random"',
  '"emit" "hit"': '"game:script/events" "hit"',
  '"test" "note"': '"my:game/test" "note"',
}

const POSITION = '{ get-x: func(entity: u32) -> f32; set-x: func(entity: u32, value: f32); }'
const PACKAGES = `package game:ecs {
  interface position ${POSITION} interface positoin ${POSITION}
  interface health { get-points: func(entity: u32) -> s32; set-points: func(entity: u32, value: s32); }
}
package bitscript:game {
  interface log { write: func(message: string); }
  interface entities { spawn: func() -> u32; }
  interface math { random: func() -> f64; }
}
package game:script { interface events { hit: func(first: s32, second: s32); } }
package my:game { interface test { note: func(n: s32); } }`

const WORLD_IMPORTS = ['game:ecs/position', 'game:ecs/positoin', 'game:ecs/health', 'bitscript:game/log', 'bitscript:game/entities']
  .concat('bitscript:game/math', 'game:script/events', 'my:game/test')
  .map((name) => `import ${name};`)
  .join(' ')

const GIVES_TEXT = 'func() -> string'
const NOTIFIED = 'func(entity: u32)'
/** The types of exports by name. What is not listed takes and gives nothing. */
const EXPORTS: Readonly<Record<string, string>> = {
  tick: 'func(dt: f32)',
  update: 'func(entity: u32, dt: f32)',
  ...{ born: NOTIFIED, 'on-attach': NOTIFIED, 'on-detach': NOTIFIED, 'on-hit': 'func(first: s32, second: s32)' },
  ...{ count: 'func() -> u32', grow: 'func() -> u32', echo: 'func(text: string) -> string', outer: 'func(text: string) -> string' },
  ...{ half: GIVES_TEXT, config: GIVES_TEXT, 'get-metadata': GIVES_TEXT, 'get-state': GIVES_TEXT, 'set-state': 'func(state: string)' },
}
/** Exports of the core module that are none of the component. */
const CORE_EXPORTS = ['memory', 'cabi_realloc', 'cabi_post_echo', 'cabi_post_outer']

/** A memory that grows, and an allocator whose blocks are freed in the reverse order. Where a text that is returned lies, is at 8. */
const MEMORY = `(memory (export "memory") 1) ${NUMBERS}
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
    (local.set $at (global.get $top))
    (global.set $top (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 15)) (i32.const -8)))
    (if (i32.gt_u (global.get $top) (i32.mul (memory.size) (i32.const 65536)))
      (then (drop (memory.grow (i32.add (i32.div_u (local.get $size) (i32.const 65536)) (i32.const 1))))))
    (local.get $at))
  (func $give (param $at i32) (param $length i32) (result i32)
    (i32.store (i32.const 8) (local.get $at)) (i32.store (i32.const 12) (local.get $length)) (i32.const 8))`
const USES_MEMORY = /memory\.|\(data|\$log|\$write|\$parse|\$give|\$keep/
const DAMAGED = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, 21, 19, ...new TextEncoder().encode('bitscript:component'), 0x7b]

/** Returns the core module of a component, in the names of scripts. */
function module(declarations: string, imports = ''): string {
  const log = declarations.includes('$log') ? '(import "bitscript:game/log" "write" (func $log (param i32 i32)))' : ''
  return `(module ${imports} ${log} ${USES_MEMORY.test(declarations) ? MEMORY : ''} ${declarations})`
}

const core = corePrograms({
  module,
  action: (name, body) => `(func (export "${name}") ${body})`,
  tick: (body) => `(func (export "tick") (param f32) ${body})`,
  handler: (event, body) => `(func (export "on_${event}") (param $first i32) (param $second i32) ${body})`,
  number: (name, expression) => `(func (export "${name}") (result i32) ${expression})`,
  echo: (name, before = '') => `(func (export "${name}") (param i32 i32) (result i32) ${before} (call $give (local.get 0) (local.get 1)))
    (func (export "cabi_post_${name}") (param i32) (global.set $top (i32.load (i32.const 8))))`,
  text: (name, text, at) => `(data (i32.const ${at}) "${quote(text)}")
    (func (export "${name}") (result i32) (call $give (i32.const ${at}) (i32.const ${new TextEncoder().encode(text).length})))`,
  getState: (expression) => `(func (export "get_state") (result i32) (local $at i32)
    (local.set $at (call $write ${expression})) (call $give (local.get $at) (i32.sub (i32.const 32) (local.get $at))))`,
  setState: (body) => `(func (export "set_state") (param $at i32) (param $length i32) (local $number i32)
    (local.set $number (call $parse (local.get $at) (local.get $length))) ${body})`,
  configured: `(global $at (mut i32) (i32.const 0)) (global $length (mut i32) (i32.const 0))
    (func (export "init") (param i32 i32) (global.set $at (local.get 0)) (global.set $length (local.get 1)))
    (func (export "config") (result i32) (call $give (global.get $at) (global.get $length)))`,
  log: (at, length) => `(call $log (i32.const ${at}) (i32.const ${length}))`,
  damaged: Uint8Array.from(DAMAGED),
})

const programs: Programs = { ...core, large: (pages) => `(module (memory ${pages}) (func (export "tick") (param f32)))` }

/** Returns the core module and the WIT of a component, from its core module in the names of scripts. */
function componentOf(script: string): readonly [wat: string, wit: string] {
  let wat = script.replace(/\(export "(\w+)"/g, (whole, name: string) =>
    CORE_EXPORTS.includes(name) ? whole : `(export "${name.replaceAll('_', '-')}"`,
  )
  for (const [from, to] of Object.entries(IMPORTS)) wat = wat.replaceAll(from, to)
  const names = [...wat.matchAll(/\(func [^(]*\(export "([^"]+)"/g)].map(([, name]) => name as string)
  const exports = names
    .filter((name) => !CORE_EXPORTS.includes(name))
    .map((name) => {
      const takesConfig = name === 'init' && wat.includes('"init") (param')
      return `export ${name}: ${takesConfig ? 'func(config: string)' : (EXPORTS[name] ?? 'func()')};`
    })
  const packages = wat.includes('"get-x" (func $x (param i32) (result i32))') ? PACKAGES.replaceAll('-> f32', '-> s32') : PACKAGES
  return [wat, `package test:guest;\nworld script { ${WORLD_IMPORTS} ${exports.join(' ')} }\n${packages}`]
}

/** Components of one core module, whose imports and exports are those of WIT. */
export function testedComponent(make: MakeComponent): TestedGuest {
  const made = new Map<string, Promise<ScriptSource>>()
  const convert = (program: Program): Program => {
    if (typeof program !== 'string') return program
    // A component is made when a case needs it.
    return () => {
      const known = made.get(program) ?? make(...componentOf(program))
      made.set(program, known)
      return known
    }
  }
  const converted = Object.entries(programs).map(([name, program]) => [
    name,
    typeof program === 'function' ? (...args: never[]) => convert((program as (...args: never[]) => Program)(...args)) : convert(program),
  ])
  return {
    kind: 'component',
    programs: Object.fromEntries(converted) as Programs,
    misspelt: "did you mean 'game:ecs/position'?",
    bytes: 'text',
  }
}
