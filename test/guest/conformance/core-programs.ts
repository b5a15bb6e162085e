import type { Programs } from './programs.ts'

/** How core modules of one kind declare what they export. All of it is WAT. */
export interface Dialect {
  /** Returns a module with the declarations. It has a memory and what else they use. */
  module(declarations: string, imports?: string): string
  /** A function without input and output: `init`, `on_boom`, or one that the game calls. */
  action(name: string, body: string): string
  tick(body: string): string
  /** A handler that takes two digits, as `$first` and `$second`. */
  handler(event: string, body: string): string
  /** Gives the value of an i32 expression as JSON. */
  number(name: string, expression: string): string
  /** Gives back its input, after the instructions. */
  echo(name: string, before?: string): string
  /** Gives the text, which is kept at the address. */
  text(name: string, text: string, at: number): string
  /** `set_state`, which takes a number, as `$number`. */
  setState(body: string): string
  /** `get_state`, which gives a number. */
  getState(expression: string): string
  /** `init`, which keeps the config, and `config`, which gives it. */
  readonly configured: string
  /** Logs the bytes at an address. */
  log(at: number, length: number): string
  readonly damaged: Uint8Array
}

const X = '(import "ecs.get" "Position.x" (func $x (param i32) (result f32)))'
const SET_X = '(import "ecs.set" "Position.x" (func $set_x (param i32 f32)))'
const POINTS = '(import "ecs.get" "Health.points" (func $points (param i32) (result i32)))'
const SET_POINTS = '(import "ecs.set" "Health.points" (func $set_points (param i32 i32)))'
const SPAWN = '(import "ecs" "spawn" (func $spawn (result i32)))'
const HIT = '(import "emit" "hit" (func $hit (param i32 i32)))'
const NOTE = '(import "test" "note" (func $note (param i32)))'
const COUNT = '(global $count (mut i32) (i32.const 0))'

const add = (global: string, step: number): string => `(global.set ${global} (i32.add (global.get ${global}) (i32.const ${step})))`
const update = (body: string): string => `(func (export "update") (param $eid i32) (param $dt f32) ${body})`
const notified = (name: string, body: string): string => `(func (export "${name}") (param i32) ${body})`

/** Returns the programs of a guest whose programs are core modules, in WAT. */
export function corePrograms(dialect: Dialect): Programs {
  const { module, action, tick, handler, number, echo, text, getState, setState, log } = dialect
  const counting = (step: number): string => COUNT + tick(add('$count', step)) + number('count', '(global.get $count)')
  const saves = getState('(global.get $count)')
  const restores = setState('(global.set $count (local.get $number))')
  const begins = (body: string): string => `(func $begin ${body}) (start $begin)`
  const DIARY = ['tick', 'update', 'attach', 'detach', 'ping']
  const note = (word: string): string => log(64 + 16 * DIARY.indexOf(word), word.length)
  return {
    counter: (step) => module(counting(step) + saves + restores + action('on_boom', 'unreachable')),
    keeper: (step) => module(counting(step) + action('init', '(global.set $count (i32.const 100))')),
    counterWithout: (what) =>
      module(counting(1) + (what === 'get_state' ? getState('(unreachable)') + restores : saves + setState('unreachable'))),
    trapsIn(name) {
      if (name === 'tick') return module(tick('unreachable'))
      if (name === 'update') return module(update('unreachable'))
      if (name === 'start') return module(tick('nop') + begins('unreachable'))
      return module(name === 'init' || name === 'on_boom' ? action(name, 'unreachable') : notified(name, 'unreachable'))
    },
    spinsIn: (name) => module(name === 'tick' ? tick('(loop (br 0))') : tick('nop') + begins('(loop (br 0))')),
    strays: module(tick('(drop (call $x (i32.const 5000)))'), X),
    mover: module(update('(call $set_x (local.get $eid) (f32.add (call $x (local.get $eid)) (local.get $dt)))'), X + SET_X),
    wanderer: module(
      update('(call $set_x (local.get $eid) (f32.demote_f64 (call $random)))'),
      `${SET_X} (import "host" "random" (func $random (result f64)))`,
    ),
    picky: module(
      update(`(if (i32.lt_s (call $points (local.get $eid)) (i32.const 0)) (then unreachable))
        (call $set_points (local.get $eid) (i32.add (call $points (local.get $eid)) (i32.const 1)))`),
      POINTS + SET_POINTS,
    ),
    perEntity: module(COUNT + update(`${add('$count', 1)} (call $set_points (local.get $eid) (global.get $count))`), SET_POINTS),
    diary: module(
      [
        ...DIARY.map((word, index) => `(data (i32.const ${64 + 16 * index}) "${word}")`),
        tick(note('tick')),
        update(note('update')),
        notified('on_attach', note('attach')),
        notified('on_detach', note('detach')),
        action('on_ping', note('ping')),
      ].join(' '),
    ),
    scheduled: module(
      COUNT + notified('born', add('$count', 1)) + action('each', add('$count', 10)) + number('count', '(global.get $count)'),
    ),
    logger: module(`(data (i32.const 64) "hello") ${tick(log(64, 5).repeat(5))}`),
    spawner: module(tick('(drop (call $spawn))'.repeat(5)), SPAWN),
    emitter: module(tick('(call $hit (i32.const 3) (i32.const 5))'), HIT),
    receiver: module(
      COUNT +
        handler('hit', '(global.set $count (i32.add (i32.mul (local.get $first) (i32.const 10)) (local.get $second)))') +
        number('count', '(global.get $count)'),
    ),
    hosted: module(tick('(call $note (i32.const 7))'), NOTE),
    reentrant: module(echo('echo') + echo('outer', '(call $note (i32.const 7))'), NOTE),
    caller: module(
      `(func $deep (call $deep)) ${echo('echo')} ${text('half', '{', 64)} ${action('boom', 'unreachable')}
       ${action('spin', '(loop (br 0))')} ${action('recurse', '(call $deep)')} ${number('count', '(i32.const 1)')}`,
    ),
    configured: module(dialect.configured),
    metadata: (json) => module(text('get_metadata', json, 64)),
    hostile: module(
      action('init', '(drop (call $spawn)) (call $set_x (i32.const 5) (f32.const 9)) (call $hit (i32.const 3) (i32.const 5)) unreachable'),
      SPAWN + SET_X + HIT,
    ),
    grower: module(number('grow', '(i32.add (memory.grow (i32.const 1)) (i32.const 1))')),
    large: (pages) => module(tick('nop')).replace('(memory (export "memory") 1)', `(memory (export "memory") ${pages})`),
    misspelt: module(tick('(drop (call $x (i32.const 1)))'), X.replace('Position', 'Positoin')),
    mistyped: module(tick('(drop (call $x (i32.const 1)))'), X.replace('f32', 'i32')),
    damaged: dialect.damaged,
  }
}

/**
 * Functions for JSON numbers: `$write` writes a number and returns its address, behind which it ends at 32, and `$parse` reads
 * one.
 */
export const NUMBERS = `
  (func $write (param $number i32) (result i32) (local $at i32)
    (local.set $at (i32.const 32))
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10))))
      (br_if $next (local.tee $number (i32.div_u (local.get $number) (i32.const 10)))))
    (local.get $at))
  (func $parse (param $at i32) (param $length i32) (result i32) (local $number i32)
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get $length)))
      (local.set $number (i32.add (i32.mul (local.get $number) (i32.const 10)) (i32.sub (i32.load8_u (local.get $at)) (i32.const 48))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1))) (br $next)))
    (local.get $number))`

/** Returns bytes as the text of a data segment. */
export function quote(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')
}

/** The header of a module, behind which an unknown section follows. */
export const DAMAGED: Uint8Array = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 99)
