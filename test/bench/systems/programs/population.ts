import { addEntity, query, removeEntity } from 'bitecs'
import type { Program } from '../program.ts'
import { TICK_SECONDS } from '../stage.ts'

const SIZE = 1600
/** The lifetime of an entity in ticks. One in this many is removed in each tick, and replaced by another. */
const LIFETIME = 500

/** A population of constant size: each removed entity leaves one child. */
export const program: Program = {
  name: 'spawn and despawn',
  url: new URL(import.meta.url),
  spawns: true,
  terms: ({ Position, Life }) => [Position, Life],
  columns: ({ Position, Life }) => [Position.x, Position.y, Life.left],
  fill({ Position, Life }, entity, index) {
    Position.x[entity] = (index * 7.31) % SIZE
    Position.y[entity] = 0
    Life.left[entity] = 1 + (index % LIFETIME)
  },

  plain({ world, components: { Position, Life, Origin } }, round) {
    const dead: number[] = []
    return () => {
      const found = query(world, [Position, Life])
      const count = found.length
      for (let index = 0; index < count; index++) {
        const entity = found[index] as number
        const y = round((Position.y[entity] as number) + TICK_SECONDS)
        const left = (Life.left[entity] as number) - 1
        Position.y[entity] = y
        Life.left[entity] = left
        if (left === 0) {
          const child = addEntity(world, Position, Life, Origin)
          Position.x[child] = Position.x[entity] as number
          Position.y[child] = y
          Life.left[child] = LIFETIME
          Origin.number[child] = Origin.number[entity] as number
          dead.push(entity)
        }
      }
      for (let index = 0; index < dead.length; index++) removeEntity(world, dead[index] as number)
      dead.length = 0
    }
  },

  constant: { type: 'i32', value: LIFETIME },
  wat: ({ constant, memory }) => `(module
    (import "ecs" "spawn" (func $spawn (result i32)))
    (import "ecs" "despawn" (func $despawn (param i32)))
    (import "ecs" "attach" (func $attach (param i32)))
    (import "ecs.add" "Position" (func $add_position (param i32)))
    (import "ecs.add" "Life" (func $add_life (param i32)))
    (import "ecs.add" "Origin" (func $add_origin (param i32)))
    (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
    (import "ecs.get" "Position.y" (func $y (param i32) (result f32)))
    (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
    (import "ecs.set" "Position.y" (func $set_y (param i32 f32)))
    (import "ecs.get" "Life.left" (func $left (param i32) (result i32)))
    (import "ecs.set" "Life.left" (func $set_left (param i32 i32)))
    (import "ecs.get" "Origin.number" (func $number (param i32) (result i32)))
    (import "ecs.set" "Origin.number" (func $set_number (param i32 i32)))
    ${memory}
    (func (export "update") (param $eid i32) (param $dt f32)
      (local $y f32) (local $left i32) (local $lifetime i32) (local $child i32)
      (local.set $lifetime ${constant})
      (local.set $y (f32.add (call $y (local.get $eid)) (local.get $dt)))
      (local.set $left (i32.sub (call $left (local.get $eid)) (i32.const 1)))
      (call $set_y (local.get $eid) (local.get $y))
      (call $set_left (local.get $eid) (local.get $left))
      (if (local.get $left) (then (return)))
      (local.set $child (call $spawn))
      (call $add_position (local.get $child))
      (call $add_life (local.get $child))
      (call $add_origin (local.get $child))
      (call $set_x (local.get $child) (call $x (local.get $eid)))
      (call $set_y (local.get $child) (local.get $y))
      (call $set_left (local.get $child) (local.get $lifetime))
      (call $set_number (local.get $child) (call $number (local.get $eid)))
      (call $attach (local.get $child))
      (call $despawn (local.get $eid))))`,

  lua: `
    function update(eid, dt)
      local y = get_Position_y(eid) + dt
      local left = get_Life_left(eid) - 1
      set_Position_y(eid, y)
      set_Life_left(eid, left)
      if left == 0 then
        local child = spawn()
        add_Position(child)
        add_Life(child)
        add_Origin(child)
        set_Position_x(child, get_Position_x(eid))
        set_Position_y(child, y)
        set_Life_left(child, ${LIFETIME})
        set_Origin_number(child, get_Origin_number(eid))
        attach(child)
        despawn(eid)
      end
    end`,

  javascript: `
    function update(eid, dt) {
      const y = get_Position_y(eid) + dt
      const left = get_Life_left(eid) - 1
      set_Position_y(eid, y)
      set_Life_left(eid, left)
      if (left === 0) {
        const child = spawn()
        add_Position(child)
        add_Life(child)
        add_Origin(child)
        set_Position_x(child, get_Position_x(eid))
        set_Position_y(child, y)
        set_Life_left(child, ${LIFETIME})
        set_Origin_number(child, get_Origin_number(eid))
        attach(child)
        despawn(eid)
      }
    }`,
}
