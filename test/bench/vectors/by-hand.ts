/** What runs on four entities in a loop, in the text format. `{Position.x}` is the address of a column, and `{list}` that of the entities in order. */
export interface ByHand {
  readonly locals: string
  /** What is computed before the loop. */
  readonly before?: string
  /** Runs on the entities from `$entity`, of which `$byte` is the offset in a column with four bytes for each. */
  readonly body: string
}

const SIZE = 1600
const GROUND = 1200
const f32 = (value: number): string => `(v128.const f32x4 ${value} ${value} ${value} ${value})`
const f64 = (value: number): string => `(v128.const f64x2 ${value} ${value})`
const i32 = (value: number): string => `(v128.const i32x4 ${value} ${value} ${value} ${value})`
const u16 = (value: number): string => `(v128.const i16x8 ${Array(8).fill(value).join(' ')})`
const u8 = (value: number): string => `(v128.const i8x16 ${Array(16).fill(value).join(' ')})`
const vectors = (names: string): string =>
  names
    .split(' ')
    .map((name) => `(local $${name} v128)`)
    .join(' ')

function bounceAlong(axis: 'x' | 'y'): string {
  return `
    (local.set $speed (v128.load offset={Velocity.${axis}} (local.get $byte)))
    (local.set $at (f32x4.add (v128.load offset={Position.${axis}} (local.get $byte)) (f32x4.mul (local.get $speed) (local.get $dts))))
    (local.set $within (f32x4.pmin (f32x4.pmax (local.get $at) ${f32(0)}) ${f32(SIZE)}))
    (v128.store offset={Velocity.${axis}} (local.get $byte)
      (v128.xor (local.get $speed) (v128.and (f32x4.ne (local.get $at) (local.get $within)) ${i32(-(2 ** 31))})))
    (v128.store offset={Position.${axis}} (local.get $byte) (local.get $within))`
}

/** Each entity goes on with the state of one of four ways. */
const STATE_MACHINE = `
  (local.set $seed (v128.and (i32x4.add (i32x4.mul (v128.load offset={Brain.seed} (local.get $byte)) ${i32(1_103_515_245)}) ${i32(12_345)}) ${i32(0x7fff_ffff)}))
  (v128.store offset={Brain.seed} (local.get $byte) (local.get $seed))
  (local.set $random (i32x4.shr_s (local.get $seed) (i32.const 16)))
  (local.set $bytes (v128.load32_zero offset={Brain.state} (local.get $entity)))
  (local.set $state (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (local.get $bytes))))
  (local.set $timer (i32x4.sub (v128.load offset={Brain.timer} (local.get $byte)) ${i32(1)}))
  (local.set $energy (i32x4.add (v128.load offset={Brain.energy} (local.get $byte)) (i32x4.extend_low_i16x8_s (i16x8.extend_low_i8x16_s
    (i8x16.swizzle (v128.const i8x16 1 -2 5 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4) (i8x16.min_u (local.get $bytes) ${u8(3)}))))))
  (v128.store offset={Brain.energy} (local.get $byte) (local.get $energy))
  (local.set $idle (i32x4.eq (local.get $state) ${i32(0)}))
  (local.set $walk (i32x4.eq (local.get $state) ${i32(1)}))
  (local.set $eat (i32x4.eq (local.get $state) ${i32(2)}))
  (local.set $hungry (i32x4.lt_s (local.get $energy) ${i32(20)}))
  (local.set $late (i32x4.le_s (local.get $timer) ${i32(0)}))
  (local.set $calm (v128.andnot (local.get $late) (v128.or (v128.or (local.get $idle) (local.get $walk)) (local.get $eat))))
  (local.set $idle (v128.and (local.get $idle) (local.get $late)))
  (local.set $flee (v128.and (v128.andnot (local.get $walk) (local.get $hungry))
    (i32x4.eq (v128.and (local.get $random) ${i32(63)}) ${i32(0)})))
  (local.set $walk (v128.and (local.get $walk) (local.get $hungry)))
  (local.set $eat (v128.and (local.get $eat) (i32x4.gt_s (local.get $energy) ${i32(100)})))
  (local.set $state (v128.andnot (local.get $state)
    (v128.or (v128.or (v128.or (local.get $idle) (local.get $walk)) (v128.or (local.get $flee) (local.get $eat))) (local.get $calm))))
  (local.set $state (v128.or (v128.or (local.get $state) (v128.and (local.get $idle) ${i32(1)})) (v128.or
    (v128.and (v128.or (local.get $walk) (v128.and (local.get $calm) (local.get $hungry))) ${i32(2)}) (v128.and (local.get $flee) ${i32(3)}))))
  (local.set $timer (v128.bitselect (v128.and (local.get $random) ${i32(31)}) (local.get $timer) (local.get $idle)))
  (local.set $timer (v128.bitselect (v128.and (local.get $random) ${i32(15)}) (local.get $timer) (local.get $eat)))
  (v128.store offset={Brain.timer} (local.get $byte) (v128.bitselect ${i32(5)} (local.get $timer) (local.get $flee)))
  (v128.store32_lane offset={Brain.state} 0 (local.get $entity)
    (i8x16.swizzle (local.get $state) (v128.const i8x16 0 4 8 12 0 0 0 0 0 0 0 0 0 0 0 0)))`

const NEIGHBOUR = `
  (local.set $at (i32.shl (i32.load offset={list} (i32.shl (local.get $index) (i32.const 2))) (i32.const 2)))
  (local.set $x (f32.add (local.get $x) (f32.load offset={Position.x} (local.get $at))))
  (local.set $y (f32.add (local.get $y) (f32.load offset={Position.y} (local.get $at))))
  (local.set $vx (f32.add (local.get $vx) (f32.load offset={Velocity.x} (local.get $at))))
  (local.set $vy (f32.add (local.get $vy) (f32.load offset={Velocity.y} (local.get $at))))
  (local.set $index (i32.add (local.get $index) (i32.const 1)))
  (if (i32.eq (local.get $index) (local.get $count)) (then (local.set $index (i32.const 0))))`

function turn(axis: 'x' | 'y'): string {
  return `
    (local.set $${axis} (f32.mul (f32.sub (f32.mul (local.get $${axis}) (f32.const 0.125)) (f32.load offset={Position.${axis}} (local.get $at))) (f32.const 0.01)))
    (local.set $v${axis} (f32.add (f32.add (f32.load offset={Velocity.${axis}} (local.get $at))
      (f32.mul (f32.sub (f32.mul (local.get $v${axis}) (f32.const 0.125)) (f32.load offset={Velocity.${axis}} (local.get $at))) (f32.const 0.05)))
      (local.get $${axis})))`
}

function moveAndWrap(axis: 'x' | 'y'): string {
  return `
    (local.set $v${axis} (f32.mul (local.get $v${axis}) (local.get $scale)))
    (f32.store offset={Velocity.${axis}} (local.get $at) (local.get $v${axis}))
    (local.set $${axis} (f32.add (f32.load offset={Position.${axis}} (local.get $at)) (f32.mul (local.get $v${axis}) (local.get $dt))))
    (if (f32.lt (local.get $${axis}) (f32.const 0)) (then (local.set $${axis} (f32.add (local.get $${axis}) (f32.const ${SIZE}))))
      (else (if (f32.ge (local.get $${axis}) (f32.const ${SIZE})) (then (local.set $${axis} (f32.sub (local.get $${axis}) (f32.const ${SIZE})))))))
    (f32.store offset={Position.${axis}} (local.get $at) (local.get $${axis}))`
}

/** One entity after the other: to read eight others lane by lane takes longer. */
const FLOCK = `
  (local.set $last (i32.add (local.get $entity) (i32.const 3)))
  (local.set $one (local.get $entity))
  (loop $each
    (local.set $index (i32.rem_u (i32.mul (local.get $one) (i32.const 9)) (local.get $count)))
    ${['x', 'y', 'vx', 'vy'].map((name) => `(local.set $${name} (f32.const 0))`).join(' ')}
    ${NEIGHBOUR.repeat(8)}
    (local.set $at (i32.shl (local.get $one) (i32.const 2)))
    ${turn('x')} ${turn('y')}
    (local.set $scale (f32.div (f32.const 60) (f32.sqrt (f32.add
      (f32.add (f32.mul (local.get $vx) (local.get $vx)) (f32.mul (local.get $vy) (local.get $vy))) (f32.const 0.001)))))
    ${moveAndWrap('x')} ${moveAndWrap('y')}
    (local.set $one (i32.add (local.get $one) (i32.const 1)))
    (br_if $each (i32.le_u (local.get $one) (local.get $last))))`

const COUNT_DOWN = `
  (local.set $left (f32x4.sub (v128.load offset={Fade.left} (local.get $byte)) (local.get $dts)))
  (if (v128.any_true (f32x4.le (local.get $left) ${f32(0)}))
    (then
      (local.set $last (i32.add (local.get $entity) (i32.const 3)))
      (local.set $one (local.get $entity))
      (loop $each
        (local.set $at (i32.shl (local.get $one) (i32.const 2)))
        (local.set $rest (f32.sub (f32.load offset={Fade.left} (local.get $at)) (local.get $dt)))
        (if (f32.le (local.get $rest) (f32.const 0))
          (then
            (call $kill (local.get $one))
            (f32.store offset={Fade.left} (local.get $at) (f32.const 5)))
          (else
            (f32.store offset={Fade.left} (local.get $at) (local.get $rest))
            (f32.store offset={Fade.size} (local.get $at) (f32.mul (f32.const 4) (f32.min (f32.const 1) (local.get $rest))))))
        (local.set $one (i32.add (local.get $one) (i32.const 1)))
        (br_if $each (i32.le_u (local.get $one) (local.get $last)))))
    (else
      (v128.store offset={Fade.left} (local.get $byte) (local.get $left))
      (v128.store offset={Fade.size} (local.get $byte) (f32x4.mul ${f32(4)} (f32x4.pmin ${f32(1)} (local.get $left))))))`

function distanceAlong(axis: 'x' | 'y'): string {
  const first = `(v128.load32_zero offset={Position.${axis}} (local.get $other0))`
  const all = [1, 2, 3].reduce(
    (vector, lane) => `(v128.load32_lane offset={Position.${axis}} ${lane} (local.get $other${lane}) ${vector})`,
    first,
  )
  return `(local.set $${axis} (f32x4.sub ${all} (v128.load offset={Position.${axis}} (local.get $byte))))`
}

function steerAlong(axis: 'x' | 'y'): string {
  return `
    (local.set $speed (v128.load offset={Velocity.${axis}} (local.get $byte)))
    (v128.store offset={Velocity.${axis}} (local.get $byte) (v128.bitselect
      (f32x4.add (local.get $speed) (f32x4.mul ${f32(0.1)} (f32x4.sub (f32x4.mul (local.get $${axis}) (local.get $scale)) (local.get $speed))))
      (local.get $speed) (local.get $has_target)))`
}

function springAt(offset: number): string {
  const place = (column: string): string => `offset={${column}+${offset}} (i32.shl (local.get $entity) (i32.const 3))`
  return `
    (local.set $x (v128.load ${place('Spring.x')}))
    (local.set $speed (f64x2.sub (v128.load ${place('Spring.speed')}) (f64x2.mul (f64x2.mul (local.get $x) ${f64(4)}) (local.get $dtd))))
    (local.set $speed (v128.bitselect (f64x2.mul (local.get $speed) ${f64(0.5)}) (local.get $speed)
      (f64x2.gt (f64x2.abs (local.get $speed)) ${f64(50)})))
    (v128.store ${place('Spring.speed')} (local.get $speed))
    (v128.store ${place('Spring.x')} (f64x2.add (local.get $x) (f64x2.mul (local.get $speed) (local.get $dtd))))`
}

/** The updates by name, all but those with work of bitECS. */
export const BY_HAND: Readonly<Record<string, ByHand>> = {
  'move and bounce': { locals: vectors('speed at within'), body: bounceAlong('x') + bounceAlong('y') },
  'state machine': {
    locals: vectors('seed random bytes state timer energy idle walk eat hungry late calm flee'),
    body: STATE_MACHINE,
  },
  flock: {
    locals: `(local $index i32) (local $one i32) (local $last i32) (local $at i32) ${['x', 'y', 'vx', 'vy', 'scale'].map((name) => `(local $${name} f32)`).join(' ')}`,
    body: FLOCK,
  },
  'gravity and drag': {
    locals: vectors('drag pull vx vy y over'),
    before: `
      (local.set $drag (f32x4.splat (f32.sub (f32.const 1) (f32.mul (f32.const 0.5) (local.get $dt)))))
      (local.set $pull (f32x4.splat (f32.mul (f32.const 98) (local.get $dt))))`,
    body: `
      (local.set $vx (f32x4.mul (v128.load offset={Velocity.x} (local.get $byte)) (local.get $drag)))
      (v128.store offset={Velocity.x} (local.get $byte) (local.get $vx))
      (v128.store offset={Position.x} (local.get $byte)
        (f32x4.add (v128.load offset={Position.x} (local.get $byte)) (f32x4.mul (local.get $vx) (local.get $dts))))
      (local.set $vy (f32x4.mul (f32x4.add (v128.load offset={Velocity.y} (local.get $byte)) (local.get $pull)) (local.get $drag)))
      (local.set $y (f32x4.add (v128.load offset={Position.y} (local.get $byte)) (f32x4.mul (local.get $vy) (local.get $dts))))
      (local.set $over (f32x4.gt (local.get $y) ${f32(GROUND)}))
      (v128.store offset={Position.y} (local.get $byte) (v128.bitselect ${f32(GROUND)} (local.get $y) (local.get $over)))
      (v128.store offset={Velocity.y} (local.get $byte)
        (v128.bitselect (f32x4.mul (local.get $vy) ${f32(-0.9)}) (local.get $vy) (local.get $over)))`,
  },
  'count down and tag': {
    locals: `${vectors('left')} (local $one i32) (local $last i32) (local $at i32) (local $rest f32)`,
    body: COUNT_DOWN,
  },
  'steer to a target': {
    locals: `${vectors('targets has_target x y scale speed')} ${[0, 1, 2, 3].map((lane) => `(local $other${lane} i32)`).join(' ')}`,
    body: `
      (local.set $targets (i32x4.shl (v128.load offset={Target.entity} (local.get $byte)) (i32.const 2)))
      (local.set $has_target (i32x4.ne (local.get $targets) ${i32(0)}))
      ${[0, 1, 2, 3].map((lane) => `(local.set $other${lane} (i32x4.extract_lane ${lane} (local.get $targets)))`).join(' ')}
      ${distanceAlong('x')} ${distanceAlong('y')}
      (local.set $scale (f32x4.div ${f32(60)} (f32x4.pmax ${f32(1)} (f32x4.sqrt
        (f32x4.add (f32x4.mul (local.get $x) (local.get $x)) (f32x4.mul (local.get $y) (local.get $y)))))))
      ${steerAlong('x')} ${steerAlong('y')}`,
  },
  ease: {
    locals: vectors('time rest share from'),
    body: `
      (local.set $time (f32x4.add (v128.load offset={Ease.time} (local.get $byte)) (local.get $dts)))
      (local.set $time (v128.bitselect (f32x4.sub (local.get $time) (f32x4.floor (local.get $time))) (local.get $time)
        (f32x4.ge (local.get $time) ${f32(1)})))
      (v128.store offset={Ease.time} (local.get $byte) (local.get $time))
      (local.set $rest (f32x4.sub ${f32(2)} (f32x4.mul ${f32(2)} (local.get $time))))
      (local.set $share (v128.bitselect
        (f32x4.mul ${f32(4)} (f32x4.mul (local.get $time) (f32x4.mul (local.get $time) (local.get $time))))
        (f32x4.sub ${f32(1)} (f32x4.mul ${f32(0.5)} (f32x4.mul (local.get $rest) (f32x4.mul (local.get $rest) (local.get $rest)))))
        (f32x4.lt (local.get $time) ${f32(0.5)})))
      (local.set $from (v128.load offset={Ease.from} (local.get $byte)))
      (v128.store offset={Ease.value} (local.get $byte) (f32x4.add (local.get $from)
        (f32x4.mul (local.get $share) (f32x4.sub (v128.load offset={Ease.to} (local.get $byte)) (local.get $from)))))`,
  },
  'animate (u8, u16)': {
    locals: vectors('timer over frame next'),
    body: `
      (local.set $timer (i16x8.add (v128.load64_zero offset={Animation.timer} (i32.shl (local.get $entity) (i32.const 1))) ${u16(16)}))
      (local.set $over (i16x8.ge_u (local.get $timer) ${u16(100)}))
      (v128.store64_lane offset={Animation.timer} 0 (i32.shl (local.get $entity) (i32.const 1))
        (i16x8.sub (local.get $timer) (v128.and (local.get $over) ${u16(100)})))
      (if (v128.any_true (local.get $over))
        (then
          (local.set $frame (v128.load32_zero offset={Animation.frame} (local.get $entity)))
          (local.set $next (i8x16.add (local.get $frame) ${u8(1)}))
          (local.set $next (v128.andnot (local.get $next)
            (i8x16.ge_u (local.get $next) (v128.load32_zero offset={Animation.frames} (local.get $entity)))))
          (v128.store32_lane offset={Animation.frame} 0 (local.get $entity)
            (v128.bitselect (local.get $next) (local.get $frame) (i8x16.narrow_i16x8_s (local.get $over) (local.get $over))))))`,
  },
  'spring (f64)': { locals: vectors('x speed'), body: springAt(0) + springAt(16) },
}
