import type { SOUNDS } from '../sim/components.ts'
import type { Mood } from './music.ts'
import type { Synthesizer } from './synthesizer.ts'

type Sound = (typeof SOUNDS)[number]

const KEY = 'bitscript-swarm-sound'

/** Plays the sounds and the music of a game. Nothing sounds before a gesture, as browsers demand it. */
export interface Speaker {
  /** Whether sound is on. It is kept in this browser. @default false */
  enabled: boolean
  play(sound: Sound): void
  /** Sets the mood of the music. */
  feel(mood: Mood): void
}

/** Creates a speaker. The synthesizer is loaded when sound is first on, after a gesture. `onChange` hears whether sound is on. */
export function createSpeaker(onChange: (enabled: boolean) => void): Speaker {
  let enabled = readKept()
  let synthesizer: Synthesizer | undefined
  let mood: Mood = { wave: 0, isTight: false, isRunning: false }
  let hasGesture = false

  async function apply(): Promise<void> {
    onChange(enabled)
    if (enabled && hasGesture && synthesizer === undefined) {
      const { createSynthesizer } = await import('./synthesizer.ts')
      synthesizer ??= createSynthesizer()
      synthesizer.feel(mood)
    }
    synthesizer?.mute(!enabled)
  }

  for (const gesture of ['pointerdown', 'keydown'] as const) {
    addEventListener(
      gesture,
      () => {
        hasGesture = true
        // Without the network the game goes on in silence.
        void apply().catch(() => undefined)
      },
      { once: true, capture: true },
    )
  }
  onChange(enabled)
  return {
    get enabled() {
      return enabled
    },
    set enabled(yes) {
      enabled = yes
      keep(yes)
      void apply().catch(() => undefined)
    },
    play(sound) {
      if (enabled) synthesizer?.play(sound)
    },
    feel(next) {
      if (next.wave === mood.wave && next.isTight === mood.isTight && next.isRunning === mood.isRunning) return
      mood = next
      synthesizer?.feel(next)
    },
  }
}

function readKept(): boolean {
  try {
    return localStorage.getItem(KEY) === 'on'
  } catch {
    return false
  }
}

function keep(enabled: boolean): void {
  try {
    localStorage.setItem(KEY, enabled ? 'on' : 'off')
  } catch {
    // The storage of the browser is full or not available.
  }
}
