import { query } from 'bitecs'
import type { Program } from '../program.ts'
import { TICK_SECONDS } from '../stage.ts'

const SIZE = 1600
const SPEED = 60
const { sqrt } = Math
const TURN = Math.fround(0.05)
const PULL = Math.fround(0.01)
const TINY = Math.fround(0.001)

/** Each entity reads eight others of the same query, and turns towards their positions and directions. */
export const program: Program = {
  name: 'flock',
  url: new URL(import.meta.url),
  spawns: false,
  terms: ({ Position, Velocity }) => [Position, Velocity],
  columns: ({ Position, Velocity }) => [Position.x, Position.y, Velocity.x, Velocity.y],
  fill({ Position, Velocity }, entity, index) {
    Position.x[entity] = (index * 7.31) % SIZE
    Position.y[entity] = (index * 3.77) % SIZE
    Velocity.x[entity] = ((index * 37) % 100) - 50
    Velocity.y[entity] = ((index * 53) % 100) - 50
  },

  plain({ world, components: { Position, Velocity } }, round) {
    return () => {
      const found = query(world, [Position, Velocity])
      const count = found.length
      for (let each = 0; each < count; each++) {
        const entity = found[each] as number
        let index = (entity * 9) % count
        let x = 0
        let y = 0
        let vx = 0
        let vy = 0
        for (let left = 8; left > 0; left--) {
          const other = found[index] as number
          x = round(x + (Position.x[other] as number))
          y = round(y + (Position.y[other] as number))
          vx = round(vx + (Velocity.x[other] as number))
          vy = round(vy + (Velocity.y[other] as number))
          index++
          if (index === count) index = 0
        }
        const ownX = Position.x[entity] as number
        const ownY = Position.y[entity] as number
        const ownVx = Velocity.x[entity] as number
        const ownVy = Velocity.y[entity] as number
        x = round(round(round(x * 0.125) - ownX) * PULL)
        y = round(round(round(y * 0.125) - ownY) * PULL)
        vx = round(round(ownVx + round(round(round(vx * 0.125) - ownVx) * TURN)) + x)
        vy = round(round(ownVy + round(round(round(vy * 0.125) - ownVy) * TURN)) + y)
        const length = round(sqrt(round(round(round(vx * vx) + round(vy * vy)) + TINY)))
        const scale = round(SPEED / length)
        vx = round(vx * scale)
        vy = round(vy * scale)
        x = round(ownX + round(vx * TICK_SECONDS))
        y = round(ownY + round(vy * TICK_SECONDS))
        Velocity.x[entity] = vx
        Velocity.y[entity] = vy
        Position.x[entity] = x < 0 ? x + SIZE : x >= SIZE ? x - SIZE : x
        Position.y[entity] = y < 0 ? y + SIZE : y >= SIZE ? y - SIZE : y
      }
    }
  },

  constant: { type: 'f32', value: SPEED },
  wat: ({ constant, memory }) => `(module
    (import "ecs.query" "Position Velocity" (func $query (result i32)))
    (import "ecs.entity" "Position Velocity" (func $entity (param i32) (result i32)))
    (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
    (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
    (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
    (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
    (import "ecs.get" "Velocity.x" (func $vx (param i32) (result f32)))
    (import "ecs.get" "Velocity.y" (func $vy (param i32) (result f32)))
    (import "ecs.set" "Velocity.x" (func $set_vx (param i32 f32)))
    (import "ecs.set" "Velocity.y" (func $set_vy (param i32 f32)))
    ${memory}
    (global $count (mut i32) (i32.const 0))
    (func $wrap (param $at f32) (result f32)
      (if (f32.lt (local.get $at) (f32.const 0)) (then (return (f32.add (local.get $at) (f32.const ${SIZE})))))
      (if (f32.ge (local.get $at) (f32.const ${SIZE})) (then (return (f32.sub (local.get $at) (f32.const ${SIZE})))))
      (local.get $at))
    (func (export "tick") (param $dt f32)
      (global.set $count (call $query)))
    (func (export "update") (param $eid i32) (param $dt f32)
      (local $index i32) (local $left i32) (local $other i32) (local $scale f32)
      (local $x f32) (local $y f32) (local $vx f32) (local $vy f32)
      (local.set $index (i32.rem_u (i32.mul (local.get $eid) (i32.const 9)) (global.get $count)))
      (local.set $left (i32.const 8))
      (loop $next
        (local.set $other (call $entity (local.get $index)))
        (local.set $x (f32.add (local.get $x) (call $x (local.get $other))))
        (local.set $y (f32.add (local.get $y) (call $y (local.get $other))))
        (local.set $vx (f32.add (local.get $vx) (call $vx (local.get $other))))
        (local.set $vy (f32.add (local.get $vy) (call $vy (local.get $other))))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (if (i32.eq (local.get $index) (global.get $count)) (then (local.set $index (i32.const 0))))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $next (local.get $left)))
      (local.set $x (f32.mul (f32.sub (f32.mul (local.get $x) (f32.const 0.125)) (call $x (local.get $eid))) (f32.const 0.01)))
      (local.set $y (f32.mul (f32.sub (f32.mul (local.get $y) (f32.const 0.125)) (call $y (local.get $eid))) (f32.const 0.01)))
      (local.set $vx
        (f32.add
          (f32.add
            (call $vx (local.get $eid))
            (f32.mul (f32.sub (f32.mul (local.get $vx) (f32.const 0.125)) (call $vx (local.get $eid))) (f32.const 0.05)))
          (local.get $x)))
      (local.set $vy
        (f32.add
          (f32.add
            (call $vy (local.get $eid))
            (f32.mul (f32.sub (f32.mul (local.get $vy) (f32.const 0.125)) (call $vy (local.get $eid))) (f32.const 0.05)))
          (local.get $y)))
      (local.set $scale
        (f32.div
          ${constant}
          (f32.sqrt
            (f32.add
              (f32.add (f32.mul (local.get $vx) (local.get $vx)) (f32.mul (local.get $vy) (local.get $vy)))
              (f32.const 0.001)))))
      (local.set $vx (f32.mul (local.get $vx) (local.get $scale)))
      (local.set $vy (f32.mul (local.get $vy) (local.get $scale)))
      (call $set_x (local.get $eid)
        (call $wrap (f32.add (call $x (local.get $eid)) (f32.mul (local.get $vx) (local.get $dt)))))
      (call $set_y (local.get $eid)
        (call $wrap (f32.add (call $y (local.get $eid)) (f32.mul (local.get $vy) (local.get $dt)))))
      (call $set_vx (local.get $eid) (local.get $vx))
      (call $set_vy (local.get $eid) (local.get $vy))))`,

  lua: `
    local count = 0
    local function wrap(at)
      if at < 0 then return at + ${SIZE} end
      if at >= ${SIZE} then return at - ${SIZE} end
      return at
    end
    function tick(dt)
      count = query_Position_Velocity()
    end
    function update(eid, dt)
      local index = eid * 9 % count
      local x, y, vx, vy = 0, 0, 0, 0
      for _ = 1, 8 do
        local other = entity_Position_Velocity(index)
        x = x + get_Position_x(other)
        y = y + get_Position_y(other)
        vx = vx + get_Velocity_x(other)
        vy = vy + get_Velocity_y(other)
        index = index + 1
        if index == count then index = 0 end
      end
      local own_x, own_y = get_Position_x(eid), get_Position_y(eid)
      local own_vx, own_vy = get_Velocity_x(eid), get_Velocity_y(eid)
      vx = own_vx + (vx * 0.125 - own_vx) * 0.05 + (x * 0.125 - own_x) * 0.01
      vy = own_vy + (vy * 0.125 - own_vy) * 0.05 + (y * 0.125 - own_y) * 0.01
      local scale = ${SPEED} / (vx * vx + vy * vy + 0.001) ^ 0.5
      vx = vx * scale
      vy = vy * scale
      set_Position_x(eid, wrap(own_x + vx * dt))
      set_Position_y(eid, wrap(own_y + vy * dt))
      set_Velocity_x(eid, vx)
      set_Velocity_y(eid, vy)
    end`,

  javascript: `
    let count = 0
    const wrap = (at) => (at < 0 ? at + ${SIZE} : at >= ${SIZE} ? at - ${SIZE} : at)
    function tick(dt) {
      count = query_Position_Velocity()
    }
    function update(eid, dt) {
      let index = (eid * 9) % count
      let x = 0, y = 0, vx = 0, vy = 0
      for (let left = 8; left > 0; left--) {
        const other = entity_Position_Velocity(index)
        x += get_Position_x(other)
        y += get_Position_y(other)
        vx += get_Velocity_x(other)
        vy += get_Velocity_y(other)
        index++
        if (index === count) index = 0
      }
      const ownX = get_Position_x(eid), ownY = get_Position_y(eid)
      const ownVx = get_Velocity_x(eid), ownVy = get_Velocity_y(eid)
      vx = ownVx + (vx * 0.125 - ownVx) * 0.05 + (x * 0.125 - ownX) * 0.01
      vy = ownVy + (vy * 0.125 - ownVy) * 0.05 + (y * 0.125 - ownY) * 0.01
      const scale = ${SPEED} / Math.sqrt(vx * vx + vy * vy + 0.001)
      vx *= scale
      vy *= scale
      set_Position_x(eid, wrap(ownX + vx * dt))
      set_Position_y(eid, wrap(ownY + vy * dt))
      set_Velocity_x(eid, vx)
      set_Velocity_y(eid, vy)
    }`,
}
