import { readFileSync } from 'node:fs'
import { addComponent, hasComponent, query } from 'bitecs'
import { importFresh } from '../fresh.ts'
import { bareWat, type Program } from '../systems/program.ts'
import { program as bounce } from '../systems/programs/bounce.ts'
import { program as brain } from '../systems/programs/brain.ts'
import { program as flock } from '../systems/programs/flock.ts'
import { program as population } from '../systems/programs/population.ts'
import { type Stage, TICK_SECONDS } from '../systems/stage.ts'

/** An `update`, or a `tick` with a loop over a query result, and the same as a bitECS system. */
export interface Update extends Pick<Program, 'name' | 'terms' | 'fill' | 'columns'> {
  readonly wat: string
  /** Changes the world before it is measured. */
  readonly prepare?: (stage: Stage) => void
  readonly plain: (stage: Stage) => (() => void) | Promise<() => void>
}

const GROUND = 1200
const SPEED = 60

function fromProgram(program: Program): Update {
  const { name, url, terms, fill, columns } = program
  return {
    name,
    terms,
    fill,
    columns,
    wat: bareWat(program),
    async plain(stage) {
      const fresh = await importFresh<{ program: Program }>(url)
      return fresh.program.plain(stage, (value) => value)
    },
  }
}

/** Returns the imports that read and write columns. */
function imports(columns: Readonly<Record<string, 'i32' | 'f32' | 'f64'>>): string {
  const lines = Object.entries(columns).flatMap(([name, type]) => [
    `(import "ecs.get" "${name}" (func $${name} (param i32) (result ${type})))`,
    `(import "ecs.set" "${name}" (func $set_${name} (param i32 ${type})))`,
  ])
  return lines.join('\n    ')
}

const fall: Update = {
  name: 'gravity and drag',
  terms: ({ Position, Velocity }) => [Position, Velocity],
  columns: ({ Position, Velocity }) => [Position.x, Position.y, Velocity.x, Velocity.y],
  fill({ Position, Velocity }, entity, index) {
    Position.x[entity] = (index * 7.31) % 1600
    Position.y[entity] = (index * 3.77) % GROUND
    Velocity.x[entity] = ((index * 37) % 400) - 200
    Velocity.y[entity] = ((index * 53) % 300) - 150
  },
  plain({ world, components: { Position, Velocity } }) {
    const drag = 1 - 0.5 * TICK_SECONDS
    return () => {
      const found = query(world, [Position, Velocity])
      for (let index = 0; index < found.length; index++) {
        const entity = found[index] as number
        const vx = (Velocity.x[entity] as number) * drag
        let vy = ((Velocity.y[entity] as number) + 98 * TICK_SECONDS) * drag
        let y = (Position.y[entity] as number) + vy * TICK_SECONDS
        if (y > GROUND) {
          y = GROUND
          vy *= -0.9
        }
        Velocity.x[entity] = vx
        Velocity.y[entity] = vy
        Position.x[entity] = (Position.x[entity] as number) + vx * TICK_SECONDS
        Position.y[entity] = y
      }
    }
  },
  wat: `(module
    ${imports({ 'Position.x': 'f32', 'Position.y': 'f32', 'Velocity.x': 'f32', 'Velocity.y': 'f32' })}
    (global $gravity f32 (f32.const 98))
    (global $drag f32 (f32.const 0.5))
    (func $damped (param $speed f32) (param $dt f32) (result f32)
      (f32.mul (local.get $speed) (f32.sub (f32.const 1) (f32.mul (global.get $drag) (local.get $dt)))))
    (func (export "update") (param $eid i32) (param $dt f32)
      (local $vx f32) (local $vy f32) (local $y f32)
      (local.set $vx (call $damped (call $Velocity.x (local.get $eid)) (local.get $dt)))
      (local.set $vy (call $damped
        (f32.add (call $Velocity.y (local.get $eid)) (f32.mul (global.get $gravity) (local.get $dt))) (local.get $dt)))
      (local.set $y (f32.add (call $Position.y (local.get $eid)) (f32.mul (local.get $vy) (local.get $dt))))
      (if (f32.gt (local.get $y) (f32.const ${GROUND}))
        (then
          (local.set $y (f32.const ${GROUND}))
          (local.set $vy (f32.mul (local.get $vy) (f32.const -0.9)))))
      (call $set_Velocity.x (local.get $eid) (local.get $vx))
      (call $set_Velocity.y (local.get $eid) (local.get $vy))
      (call $set_Position.x (local.get $eid)
        (f32.add (call $Position.x (local.get $eid)) (f32.mul (local.get $vx) (local.get $dt))))
      (call $set_Position.y (local.get $eid) (local.get $y))))`,
}

const fade: Update = {
  name: 'count down and tag',
  terms: ({ Fade }) => [Fade],
  columns: ({ Fade }) => [Fade.left, Fade.size],
  fill({ Fade }, entity, index) {
    Fade.left[entity] = (index % 320) / 64 + 0.01
  },
  plain({ world, components: { Fade, Dead } }) {
    return () => {
      const found = query(world, [Fade])
      for (let index = 0; index < found.length; index++) {
        const entity = found[index] as number
        const left = (Fade.left[entity] as number) - TICK_SECONDS
        if (left > 0) {
          Fade.left[entity] = left
          Fade.size[entity] = 4 * Math.min(1, left)
          continue
        }
        addComponent(world, entity, Dead)
        Fade.left[entity] = 5
      }
    }
  },
  wat: `(module
    ${imports({ 'Fade.left': 'f32', 'Fade.size': 'f32' })}
    (import "ecs.add" "Dead" (func $kill (param i32)))
    (func (export "update") (param $eid i32) (param $dt f32)
      (local $left f32)
      (local.set $left (f32.sub (call $Fade.left (local.get $eid)) (local.get $dt)))
      (if (f32.le (local.get $left) (f32.const 0))
        (then
          (call $kill (local.get $eid))
          (call $set_Fade.left (local.get $eid) (f32.const 5))
          (return)))
      (call $set_Fade.left (local.get $eid) (local.get $left))
      (call $set_Fade.size (local.get $eid) (f32.mul (f32.const 4) (f32.min (f32.const 1) (local.get $left))))))`,
}

const steer: Update = {
  name: 'steer to a target',
  terms: ({ Position, Velocity, Target }) => [Position, Velocity, Target],
  columns: ({ Velocity }) => [Velocity.x, Velocity.y],
  fill({ Position, Velocity, Target }, entity, index) {
    Position.x[entity] = (index * 7.31) % 1600
    Position.y[entity] = (index * 3.77) % GROUND
    Velocity.x[entity] = 0
    Velocity.y[entity] = 0
    Target.entity[entity] = index % 10 === 0 ? 0 : 1 + ((index * 7919) % 64)
  },
  plain({ world, components: { Position, Velocity, Target } }) {
    return () => {
      const found = query(world, [Position, Velocity, Target])
      for (let index = 0; index < found.length; index++) {
        const entity = found[index] as number
        const target = Target.entity[entity] as number
        if (target === 0) continue
        const x = (Position.x[target] as number) - (Position.x[entity] as number)
        const y = (Position.y[target] as number) - (Position.y[entity] as number)
        const scale = SPEED / Math.max(1, Math.sqrt(x * x + y * y))
        Velocity.x[entity] = (Velocity.x[entity] as number) + 0.1 * (x * scale - (Velocity.x[entity] as number))
        Velocity.y[entity] = (Velocity.y[entity] as number) + 0.1 * (y * scale - (Velocity.y[entity] as number))
      }
    }
  },
  wat: `(module
    ${imports({ 'Position.x': 'f32', 'Position.y': 'f32', 'Velocity.x': 'f32', 'Velocity.y': 'f32', 'Target.entity': 'i32' })}
    (func (export "update") (param $eid i32) (param $dt f32)
      (local $target i32) (local $x f32) (local $y f32) (local $scale f32)
      (local.set $target (call $Target.entity (local.get $eid)))
      (if (i32.eqz (local.get $target)) (then (return)))
      (local.set $x (f32.sub (call $Position.x (local.get $target)) (call $Position.x (local.get $eid))))
      (local.set $y (f32.sub (call $Position.y (local.get $target)) (call $Position.y (local.get $eid))))
      (local.set $scale (f32.div (f32.const ${SPEED}) (f32.max (f32.const 1)
        (f32.sqrt (f32.add (f32.mul (local.get $x) (local.get $x)) (f32.mul (local.get $y) (local.get $y)))))))
      (call $set_Velocity.x (local.get $eid) (f32.add (call $Velocity.x (local.get $eid)) (f32.mul (f32.const 0.1)
        (f32.sub (f32.mul (local.get $x) (local.get $scale)) (call $Velocity.x (local.get $eid))))))
      (call $set_Velocity.y (local.get $eid) (f32.add (call $Velocity.y (local.get $eid)) (f32.mul (f32.const 0.1)
        (f32.sub (f32.mul (local.get $y) (local.get $scale)) (call $Velocity.y (local.get $eid))))))))`,
}

const hunt: Update = {
  name: 'hunt (ecs.has)',
  terms: ({ Position, Velocity }) => [Position, Velocity],
  columns: ({ Velocity }) => [Velocity.x, Velocity.y],
  fill: fall.fill,
  prepare({ world, components: { Dead }, entities }) {
    for (const [index, entity] of entities.entries()) if (index % 10 === 0) addComponent(world, entity, Dead)
  },
  plain({ world, components: { Position, Velocity, Dead } }) {
    return () => {
      for (const entity of query(world, [Position, Velocity])) {
        if (hasComponent(world, entity, Dead)) {
          Velocity.x[entity] = 0
          Velocity.y[entity] = 0
          continue
        }
        const x = 800 - (Position.x[entity] as number)
        const y = 600 - (Position.y[entity] as number)
        const scale = SPEED / Math.max(1, Math.sqrt(x * x + y * y))
        Velocity.x[entity] = (Velocity.x[entity] as number) + 0.1 * (x * scale - (Velocity.x[entity] as number))
        Velocity.y[entity] = (Velocity.y[entity] as number) + 0.1 * (y * scale - (Velocity.y[entity] as number))
      }
    }
  },
  wat: `(module
    ${imports({ 'Position.x': 'f32', 'Position.y': 'f32', 'Velocity.x': 'f32', 'Velocity.y': 'f32' })}
    (import "ecs.has" "Dead" (func $is_dead (param i32) (result i32)))
    (func (export "update") (param $eid i32) (param $dt f32)
      (local $x f32) (local $y f32) (local $scale f32)
      (if (call $is_dead (local.get $eid))
        (then
          (call $set_Velocity.x (local.get $eid) (f32.const 0))
          (call $set_Velocity.y (local.get $eid) (f32.const 0))
          (return)))
      (local.set $x (f32.sub (f32.const 800) (call $Position.x (local.get $eid))))
      (local.set $y (f32.sub (f32.const 600) (call $Position.y (local.get $eid))))
      (local.set $scale (f32.div (f32.const ${SPEED}) (f32.max (f32.const 1)
        (f32.sqrt (f32.add (f32.mul (local.get $x) (local.get $x)) (f32.mul (local.get $y) (local.get $y)))))))
      (call $set_Velocity.x (local.get $eid) (f32.add (call $Velocity.x (local.get $eid)) (f32.mul (f32.const 0.1)
        (f32.sub (f32.mul (local.get $x) (local.get $scale)) (call $Velocity.x (local.get $eid))))))
      (call $set_Velocity.y (local.get $eid) (f32.add (call $Velocity.y (local.get $eid)) (f32.mul (f32.const 0.1)
        (f32.sub (f32.mul (local.get $y) (local.get $scale)) (call $Velocity.y (local.get $eid))))))))`,
}

const move: Update = {
  name: 'mover (loop of tick)',
  terms: ({ Position, Velocity }) => [Position, Velocity],
  columns: ({ Position }) => [Position.x, Position.y],
  fill: fall.fill,
  plain({ world, components: { Position, Velocity } }) {
    const within = (value: number, most: number): number => Math.max(0, Math.min(value, most))
    return () => {
      for (const entity of query(world, [Position, Velocity])) {
        Position.x[entity] = within((Position.x[entity] as number) + (Velocity.x[entity] as number) * TICK_SECONDS, 1600)
        Position.y[entity] = within((Position.y[entity] as number) + (Velocity.y[entity] as number) * TICK_SECONDS, GROUND)
      }
    }
  },
  wat: readFileSync(new URL('../../../scripts-wat/mover.wat', import.meta.url), 'utf8'),
}

const ease: Update = {
  name: 'ease',
  terms: ({ Ease }) => [Ease],
  columns: ({ Ease }) => [Ease.time, Ease.value],
  fill({ Ease }, entity, index) {
    Ease.time[entity] = ((index * 31) % 100) / 100
    Ease.from[entity] = index % 10
    Ease.to[entity] = index % 100
  },
  plain({ world, components: { Ease } }) {
    return () => {
      const found = query(world, [Ease])
      for (let index = 0; index < found.length; index++) {
        const entity = found[index] as number
        let time = (Ease.time[entity] as number) + TICK_SECONDS
        if (time >= 1) time -= Math.floor(time)
        Ease.time[entity] = time
        const rest = 2 - 2 * time
        const share = time < 0.5 ? 4 * time * time * time : 1 - 0.5 * rest * rest * rest
        const from = Ease.from[entity] as number
        Ease.value[entity] = from + share * ((Ease.to[entity] as number) - from)
      }
    }
  },
  wat: `(module
    ${imports({ 'Ease.time': 'f32', 'Ease.from': 'f32', 'Ease.to': 'f32', 'Ease.value': 'f32' })}
    (func (export "update") (param $eid i32) (param $dt f32)
      (local $time f32) (local $rest f32) (local $share f32)
      (local.set $time (f32.add (call $Ease.time (local.get $eid)) (local.get $dt)))
      (if (f32.ge (local.get $time) (f32.const 1))
        (then (local.set $time (f32.sub (local.get $time) (f32.floor (local.get $time))))))
      (call $set_Ease.time (local.get $eid) (local.get $time))
      (if (f32.lt (local.get $time) (f32.const 0.5))
        (then
          (local.set $share (f32.mul (f32.const 4)
            (f32.mul (local.get $time) (f32.mul (local.get $time) (local.get $time))))))
        (else
          (local.set $rest (f32.sub (f32.const 2) (f32.mul (f32.const 2) (local.get $time))))
          (local.set $share (f32.sub (f32.const 1) (f32.mul (f32.const 0.5)
            (f32.mul (local.get $rest) (f32.mul (local.get $rest) (local.get $rest))))))))
      (call $set_Ease.value (local.get $eid) (f32.add (call $Ease.from (local.get $eid)) (f32.mul (local.get $share)
        (f32.sub (call $Ease.to (local.get $eid)) (call $Ease.from (local.get $eid))))))))`,
}

const animate: Update = {
  name: 'animate (u8, u16)',
  terms: ({ Animation }) => [Animation],
  columns: ({ Animation }) => [Animation.frame, Animation.timer],
  fill({ Animation }, entity, index) {
    Animation.timer[entity] = (index * 13) % 100
    Animation.frames[entity] = 4 + (index % 5)
  },
  plain({ world, components: { Animation } }) {
    return () => {
      const found = query(world, [Animation])
      for (let index = 0; index < found.length; index++) {
        const entity = found[index] as number
        let timer = (Animation.timer[entity] as number) + 16
        if (timer >= 100) {
          timer -= 100
          const frame = (Animation.frame[entity] as number) + 1
          Animation.frame[entity] = frame >= (Animation.frames[entity] as number) ? 0 : frame
        }
        Animation.timer[entity] = timer
      }
    }
  },
  wat: `(module
    ${imports({ 'Animation.frame': 'i32', 'Animation.timer': 'i32', 'Animation.frames': 'i32' })}
    (func (export "update") (param $eid i32) (param $dt f32)
      (local $timer i32) (local $frame i32)
      (local.set $timer (i32.add (call $Animation.timer (local.get $eid)) (i32.const 16)))
      (if (i32.ge_u (local.get $timer) (i32.const 100))
        (then
          (local.set $timer (i32.sub (local.get $timer) (i32.const 100)))
          (local.set $frame (i32.add (call $Animation.frame (local.get $eid)) (i32.const 1)))
          (if (i32.ge_u (local.get $frame) (call $Animation.frames (local.get $eid))) (then (local.set $frame (i32.const 0))))
          (call $set_Animation.frame (local.get $eid) (local.get $frame))))
      (call $set_Animation.timer (local.get $eid) (local.get $timer))))`,
}

const spring: Update = {
  name: 'spring (f64)',
  terms: ({ Spring }) => [Spring],
  columns: ({ Spring }) => [Spring.x, Spring.speed],
  fill({ Spring }, entity, index) {
    Spring.x[entity] = (index % 100) - 50
    Spring.speed[entity] = index % 7
  },
  plain({ world, components: { Spring } }) {
    return () => {
      const found = query(world, [Spring])
      for (let index = 0; index < found.length; index++) {
        const entity = found[index] as number
        let speed = (Spring.speed[entity] as number) - (Spring.x[entity] as number) * 4 * TICK_SECONDS
        if (Math.abs(speed) > 50) speed *= 0.5
        Spring.speed[entity] = speed
        Spring.x[entity] = (Spring.x[entity] as number) + speed * TICK_SECONDS
      }
    }
  },
  wat: `(module
    ${imports({ 'Spring.x': 'f64', 'Spring.speed': 'f64' })}
    (func (export "update") (param $eid i32) (param $dt f64)
      (local $speed f64)
      (local.set $speed (f64.sub (call $Spring.speed (local.get $eid))
        (f64.mul (f64.mul (call $Spring.x (local.get $eid)) (f64.const 4)) (local.get $dt))))
      (if (f64.gt (f64.abs (local.get $speed)) (f64.const 50))
        (then (local.set $speed (f64.mul (local.get $speed) (f64.const 0.5)))))
      (call $set_Spring.speed (local.get $eid) (local.get $speed))
      (call $set_Spring.x (local.get $eid)
        (f64.add (call $Spring.x (local.get $eid)) (f64.mul (local.get $speed) (local.get $dt))))))`,
}

/** The ten updates whose mean is told, and two that ask about components and loop in `tick`. */
export const UPDATES: readonly Update[] = [
  ...[bounce, brain, flock, population].map(fromProgram),
  ...[fall, fade, steer, ease, animate, spring],
  ...[hunt, move],
]
