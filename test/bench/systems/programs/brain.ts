import { query } from 'bitecs'
import type { Program } from '../program.ts'

const IDLE = 0
const WALK = 1
const EAT = 2
const FLEE = 3
const HUNGRY = 20
const FACTOR = 1_103_515_245
const INCREMENT = 12_345
const MASK = 0x7fff_ffff

/** A state machine with four states on integers: mostly branches. */
export const program: Program = {
  name: 'state machine',
  url: new URL(import.meta.url),
  spawns: false,
  terms: ({ Brain }) => [Brain],
  columns: ({ Brain }) => [Brain.state, Brain.timer, Brain.energy, Brain.seed],
  fill({ Brain }, entity, index) {
    Brain.state[entity] = index % 4
    Brain.timer[entity] = index % 23
    Brain.energy[entity] = 30 + (index % 71)
    Brain.seed[entity] = index * 7919
  },

  plain({ world, components: { Brain } }) {
    return () => {
      const found = query(world, [Brain])
      for (let index = 0; index < found.length; index++) {
        const entity = found[index] as number
        const seed = (Math.imul(Brain.seed[entity] as number, FACTOR) + INCREMENT) & MASK
        let state = Brain.state[entity] as number
        let timer = (Brain.timer[entity] as number) - 1
        let energy = Brain.energy[entity] as number
        switch (state) {
          case IDLE:
            energy += 1
            if (timer <= 0) {
              state = WALK
              timer = (seed >> 16) & 31
            }
            break
          case WALK:
            energy -= 2
            if (energy < HUNGRY) {
              state = EAT
            } else if (((seed >> 16) & 63) === 0) {
              state = FLEE
              timer = 5
            }
            break
          case EAT:
            energy += 5
            if (energy > 100) {
              state = IDLE
              timer = (seed >> 16) & 15
            }
            break
          default:
            energy -= 4
            if (timer <= 0) state = energy < HUNGRY ? EAT : IDLE
        }
        Brain.seed[entity] = seed
        Brain.state[entity] = state
        Brain.timer[entity] = timer
        Brain.energy[entity] = energy
      }
    }
  },

  constant: { type: 'i32', value: HUNGRY },
  wat: ({ constant, memory }) => `(module
    (import "ecs.get" "Brain.state" (func $state (param i32) (result i32)))
    (import "ecs.get" "Brain.timer" (func $timer (param i32) (result i32)))
    (import "ecs.get" "Brain.energy" (func $energy (param i32) (result i32)))
    (import "ecs.get" "Brain.seed" (func $seed (param i32) (result i32)))
    (import "ecs.set" "Brain.state" (func $set_state (param i32 i32)))
    (import "ecs.set" "Brain.timer" (func $set_timer (param i32 i32)))
    (import "ecs.set" "Brain.energy" (func $set_energy (param i32 i32)))
    (import "ecs.set" "Brain.seed" (func $set_seed (param i32 i32)))
    ${memory}
    (func (export "update") (param $eid i32) (param $dt f32)
      (local $seed i32) (local $state i32) (local $timer i32) (local $energy i32)
      (local.set $seed
        (i32.and
          (i32.add (i32.mul (call $seed (local.get $eid)) (i32.const ${FACTOR})) (i32.const ${INCREMENT}))
          (i32.const ${MASK})))
      (local.set $state (call $state (local.get $eid)))
      (local.set $timer (i32.sub (call $timer (local.get $eid)) (i32.const 1)))
      (local.set $energy (call $energy (local.get $eid)))
      (block $done
        (block $flee
          (block $eat
            (block $walk
              (block $idle
                (br_table $idle $walk $eat $flee (local.get $state)))
              (local.set $energy (i32.add (local.get $energy) (i32.const 1)))
              (br_if $done (i32.gt_s (local.get $timer) (i32.const 0)))
              (local.set $state (i32.const ${WALK}))
              (local.set $timer (i32.and (i32.shr_s (local.get $seed) (i32.const 16)) (i32.const 31)))
              (br $done))
            (local.set $energy (i32.sub (local.get $energy) (i32.const 2)))
            (if (i32.lt_s (local.get $energy) ${constant})
              (then (local.set $state (i32.const ${EAT})) (br $done)))
            (br_if $done (i32.and (i32.shr_s (local.get $seed) (i32.const 16)) (i32.const 63)))
            (local.set $state (i32.const ${FLEE}))
            (local.set $timer (i32.const 5))
            (br $done))
          (local.set $energy (i32.add (local.get $energy) (i32.const 5)))
          (br_if $done (i32.le_s (local.get $energy) (i32.const 100)))
          (local.set $state (i32.const ${IDLE}))
          (local.set $timer (i32.and (i32.shr_s (local.get $seed) (i32.const 16)) (i32.const 15)))
          (br $done))
        (local.set $energy (i32.sub (local.get $energy) (i32.const 4)))
        (br_if $done (i32.gt_s (local.get $timer) (i32.const 0)))
        (local.set $state (select (i32.const ${EAT}) (i32.const ${IDLE}) (i32.lt_s (local.get $energy) ${constant}))))
      (call $set_seed (local.get $eid) (local.get $seed))
      (call $set_state (local.get $eid) (local.get $state))
      (call $set_timer (local.get $eid) (local.get $timer))
      (call $set_energy (local.get $eid) (local.get $energy))))`,

  lua: `
    function update(eid, dt)
      local seed = (get_Brain_seed(eid) * ${FACTOR} + ${INCREMENT}) & ${MASK}
      local state = get_Brain_state(eid)
      local timer = get_Brain_timer(eid) - 1
      local energy = get_Brain_energy(eid)
      if state == ${IDLE} then
        energy = energy + 1
        if timer <= 0 then
          state = ${WALK}
          timer = (seed >> 16) & 31
        end
      elseif state == ${WALK} then
        energy = energy - 2
        if energy < ${HUNGRY} then
          state = ${EAT}
        elseif (seed >> 16) & 63 == 0 then
          state = ${FLEE}
          timer = 5
        end
      elseif state == ${EAT} then
        energy = energy + 5
        if energy > 100 then
          state = ${IDLE}
          timer = (seed >> 16) & 15
        end
      else
        energy = energy - 4
        if timer <= 0 then state = energy < ${HUNGRY} and ${EAT} or ${IDLE} end
      end
      set_Brain_seed(eid, seed)
      set_Brain_state(eid, state)
      set_Brain_timer(eid, timer)
      set_Brain_energy(eid, energy)
    end`,

  javascript: `
    function update(eid, dt) {
      const seed = (Math.imul(get_Brain_seed(eid), ${FACTOR}) + ${INCREMENT}) & ${MASK}
      let state = get_Brain_state(eid)
      let timer = get_Brain_timer(eid) - 1
      let energy = get_Brain_energy(eid)
      switch (state) {
        case ${IDLE}:
          energy += 1
          if (timer <= 0) {
            state = ${WALK}
            timer = (seed >> 16) & 31
          }
          break
        case ${WALK}:
          energy -= 2
          if (energy < ${HUNGRY}) {
            state = ${EAT}
          } else if (((seed >> 16) & 63) === 0) {
            state = ${FLEE}
            timer = 5
          }
          break
        case ${EAT}:
          energy += 5
          if (energy > 100) {
            state = ${IDLE}
            timer = (seed >> 16) & 15
          }
          break
        default:
          energy -= 4
          if (timer <= 0) state = energy < ${HUNGRY} ? ${EAT} : ${IDLE}
      }
      set_Brain_seed(eid, seed)
      set_Brain_state(eid, state)
      set_Brain_timer(eid, timer)
      set_Brain_energy(eid, energy)
    }`,
}
