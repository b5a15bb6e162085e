// score: counts points, in place of scripts-wat/score.wat.
//
// Lesson: an Extism plugin in AssemblyScript. Events, `process` and the state pass as JSON through the PDK. The score is kept in
// variables, which snapshots hold and a reload carries over. What the game shows is written as a script writes it: by `ecs.set`.
//
// `npm run guests` builds score.wasm. A game that runs takes it without losing its score.
import { Host, LogLevel, Var } from '@extism/as-pdk'

// @ts-ignore: a decorator of AssemblyScript
@external('ecs.query', 'Player Score')
declare function players(): i32
// @ts-ignore
@external('ecs.entity', 'Player Score')
declare function player(index: i32): i32
// @ts-ignore
@external('ecs.set', 'Score.points')
declare function show(entity: i32, points: f64): void

/** Called for a failed assertion. */
export function fail(message: string | null, file: string | null, line: u32, column: u32): void {
  unreachable()
}

function read(name: string): i32 {
  const kept = Var.getString(name)
  return kept === null ? 0 : I32.parseInt(kept)
}

function write(name: string, value: i32): void {
  Var.set(name, Uint8Array.wrap(String.UTF8.encode(value.toString())))
}

/** Returns the first whole number in a text at or after a place. */
function numberAt(text: string, at: i32): i32 {
  let value = 0
  let begun = false
  for (let index = at; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 48
    if (digit >= 0 && digit < 10) {
      begun = true
      value = value * 10 + digit
    } else if (begun) break
  }
  return value
}

function setScore(points: i32): void {
  write('score', points)
  for (let left = players(); left > 0; left--) show(player(left - 1), <f64>points)
}

function outputState(): i32 {
  Host.outputString('{"score":' + read('score').toString() + ',"kills":' + read('kills').toString() + '}')
  return 0
}

/** Gets `[x, y, points]`. */
export function on_killed(): i32 {
  const event = Host.inputString()
  write('kills', read('kills') + 1)
  setScore(read('score') + numberAt(event, event.lastIndexOf(',')))
  return 0
}

/** Gets `[wave]`. */
export function on_wave(): i32 {
  const wave = numberAt(Host.inputString(), 0)
  Host.log(LogLevel.Info, 'wave ' + wave.toString() + ' begins, score ' + read('score').toString())
  return 0
}

/** `{"bonus":50}` in, `{"score":1240,"kills":119}` out. */
export function process(): i32 {
  setScore(read('score') + numberAt(Host.inputString(), 0))
  return outputState()
}

export function get_state(): i32 {
  return outputState()
}

export function set_state(): i32 {
  const state = Host.inputString()
  setScore(numberAt(state, 0))
  write('kills', numberAt(state, state.indexOf('kills')))
  return 0
}
