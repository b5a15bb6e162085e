// medic: gives a hurt player a point of health every two seconds.
//
// Lesson: an Extism plugin as an actor. The runtime calls `process` with the entities of the query in the manifest, as JSON, and checks what it
// returns before it changes anything: the manifest asks for no more than the health of players. `bitscript build demo/mods` builds it.
import { Host } from '@extism/as-pdk'

/** Called for a failed assertion. */
export function fail(message: string | null, file: string | null, line: u32, column: u32): void {
  unreachable()
}

/** Returns the whole number behind a name in JSON, at or after a place; -1 if there is none. */
function numberOf(name: string, json: string, from: i32 = 0): i32 {
  const found = json.indexOf('"' + name + '":', from)
  if (found < 0) return -1
  let value = 0
  for (let index = found + name.length + 3; index < json.length; index++) {
    const digit = json.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  return value
}

export function get_metadata(): i32 {
  Host.outputString('{"name":"medic","version":"1.0.0","description":"Heals the player."}')
  return 0
}

/** `{ entities: [{ id, Health: { points } }], config: { most }, … }` in, what to change out. */
export function process(): i32 {
  const context = Host.inputString()
  const most = numberOf('most', context)
  let set = ''
  let send = ''
  let at = context.indexOf('"entities":')
  while (true) {
    at = context.indexOf('"id":', at + 1)
    if (at < 0) break
    const points = numberOf('points', context, at)
    if (points <= 0 || points >= most) continue
    const entity = numberOf('id', context, at).toString()
    if (set.length > 0) {
      set += ','
      send += ','
    }
    set += '{"entity":' + entity + ',"Health":{"points":' + (points + 1).toString() + '}}'
    send += '{"to":"bounty","topic":"healed","data":' + entity + '}'
  }
  Host.outputString('{"set":[' + set + '],"send":[' + send + ']}')
  return 0
}
