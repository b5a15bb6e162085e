import type { SOUNDS } from '../sim/components.ts'

type Sound = (typeof SOUNDS)[number]

/** The tones of the sounds: each glides between two frequencies in hertz. */
const TONES: Readonly<
  Record<
    Sound,
    { readonly type: OscillatorType; readonly from: number; readonly to: number; readonly seconds: number; readonly volume: number }
  >
> = {
  shot: { type: 'triangle', from: 720, to: 240, seconds: 0.07, volume: 0.05 },
  kill: { type: 'square', from: 180, to: 60, seconds: 0.12, volume: 0.05 },
  hurt: { type: 'sawtooth', from: 320, to: 70, seconds: 0.35, volume: 0.16 },
}
/** Minimum seconds between two sounds of the same kind. */
const MIN_INTERVAL = 0.05

/** Plays the sounds of a game. */
export interface Speaker {
  /** Whether sound is on. @default false */
  enabled: boolean
  play(sound: Sound): void
}

/** Creates a speaker. It synthesizes the sounds and loads no files. */
export function createSpeaker(): Speaker {
  let context: AudioContext | undefined
  let enabled = false
  const last = new Map<Sound, number>()
  return {
    get enabled() {
      return enabled
    },
    set enabled(yes) {
      enabled = yes
      if (yes) context ??= new AudioContext()
      if (yes) void context?.resume()
      else void context?.suspend()
    },
    play(sound) {
      if (!enabled || context === undefined) return
      const now = context.currentTime
      if (now - (last.get(sound) ?? -1) < MIN_INTERVAL) return
      last.set(sound, now)
      const { type, from, to, seconds, volume } = TONES[sound]
      const oscillator = new OscillatorNode(context, { type, frequency: from })
      const gain = new GainNode(context, { gain: volume })
      oscillator.frequency.exponentialRampToValueAtTime(to, now + seconds)
      gain.gain.exponentialRampToValueAtTime(0.001, now + seconds)
      oscillator.connect(gain).connect(context.destination)
      oscillator.start(now)
      oscillator.stop(now + seconds)
    },
  }
}
