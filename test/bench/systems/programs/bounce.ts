import { query } from 'bitecs'
import type { Program } from '../program.ts'
import { TICK_SECONDS } from '../stage.ts'

const SIZE = 1600

/** Entities move, and turn back at the walls. */
export const program: Program = {
  name: 'move and bounce',
  url: new URL(import.meta.url),
  spawns: false,
  terms: ({ Position, Velocity }) => [Position, Velocity],
  columns: ({ Position, Velocity }) => [Position.x, Position.y, Velocity.x, Velocity.y],
  fill({ Position, Velocity }, entity, index) {
    Position.x[entity] = (index * 7.31) % SIZE
    Position.y[entity] = (index * 3.77) % SIZE
    Velocity.x[entity] = ((index * 37) % 400) - 200
    Velocity.y[entity] = ((index * 53) % 300) - 150
  },

  plain({ world, components: { Position, Velocity } }, round) {
    return () => {
      const found = query(world, [Position, Velocity])
      for (let index = 0; index < found.length; index++) {
        const entity = found[index] as number
        let x = round((Position.x[entity] as number) + round((Velocity.x[entity] as number) * TICK_SECONDS))
        let y = round((Position.y[entity] as number) + round((Velocity.y[entity] as number) * TICK_SECONDS))
        if (x < 0 || x > SIZE) {
          x = x < 0 ? 0 : SIZE
          Velocity.x[entity] = -(Velocity.x[entity] as number)
        }
        if (y < 0 || y > SIZE) {
          y = y < 0 ? 0 : SIZE
          Velocity.y[entity] = -(Velocity.y[entity] as number)
        }
        Position.x[entity] = x
        Position.y[entity] = y
      }
    }
  },

  constant: { type: 'f32', value: SIZE },
  wat: ({ constant, memory }) => `(module
    (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
    (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
    (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
    (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
    (import "ecs.get" "Velocity.x" (func $vx (param i32) (result f32)))
    (import "ecs.get" "Velocity.y" (func $vy (param i32) (result f32)))
    (import "ecs.set" "Velocity.x" (func $set_vx (param i32 f32)))
    (import "ecs.set" "Velocity.y" (func $set_vy (param i32 f32)))
    ${memory}
    (func (export "update") (param $eid i32) (param $dt f32)
      (local $x f32) (local $y f32) (local $size f32)
      (local.set $size ${constant})
      (local.set $x (f32.add (call $x (local.get $eid)) (f32.mul (call $vx (local.get $eid)) (local.get $dt))))
      (local.set $y (f32.add (call $y (local.get $eid)) (f32.mul (call $vy (local.get $eid)) (local.get $dt))))
      (if (i32.or (f32.lt (local.get $x) (f32.const 0)) (f32.gt (local.get $x) (local.get $size)))
        (then
          (local.set $x (select (f32.const 0) (local.get $size) (f32.lt (local.get $x) (f32.const 0))))
          (call $set_vx (local.get $eid) (f32.neg (call $vx (local.get $eid))))))
      (if (i32.or (f32.lt (local.get $y) (f32.const 0)) (f32.gt (local.get $y) (local.get $size)))
        (then
          (local.set $y (select (f32.const 0) (local.get $size) (f32.lt (local.get $y) (f32.const 0))))
          (call $set_vy (local.get $eid) (f32.neg (call $vy (local.get $eid))))))
      (call $set_x (local.get $eid) (local.get $x))
      (call $set_y (local.get $eid) (local.get $y))))`,

  lua: `
    function update(eid, dt)
      local x = get_Position_x(eid) + get_Velocity_x(eid) * dt
      local y = get_Position_y(eid) + get_Velocity_y(eid) * dt
      if x < 0 or x > ${SIZE} then
        x = x < 0 and 0 or ${SIZE}
        set_Velocity_x(eid, -get_Velocity_x(eid))
      end
      if y < 0 or y > ${SIZE} then
        y = y < 0 and 0 or ${SIZE}
        set_Velocity_y(eid, -get_Velocity_y(eid))
      end
      set_Position_x(eid, x)
      set_Position_y(eid, y)
    end`,

  javascript: `
    function update(eid, dt) {
      let x = get_Position_x(eid) + get_Velocity_x(eid) * dt
      let y = get_Position_y(eid) + get_Velocity_y(eid) * dt
      if (x < 0 || x > ${SIZE}) {
        x = x < 0 ? 0 : ${SIZE}
        set_Velocity_x(eid, -get_Velocity_x(eid))
      }
      if (y < 0 || y > ${SIZE}) {
        y = y < 0 ? 0 : ${SIZE}
        set_Velocity_y(eid, -get_Velocity_y(eid))
      }
      set_Position_x(eid, x)
      set_Position_y(eid, y)
    }`,
}
