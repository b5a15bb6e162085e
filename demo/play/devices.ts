/** What somebody plays with. */
export type Device = 'keys' | 'pad' | 'touch'

const HINTS: Readonly<Record<Device, string>> = {
  keys: 'Arrow keys or W A S D move, and whoever moves, fires. The mouse aims, Shift or its right button dashes, P pauses.',
  pad: 'The left stick moves, and whoever moves, fires. The right stick aims, A dashes, Start pauses.',
  touch: 'Drag a finger anywhere to move, and whoever moves, fires. Tap with a second finger to dash.',
}

/** Returns how to play with a device. */
export function hintFor(device: Device): string {
  return `${HINTS[device]} Take hearts, power and bombs. Every script can be edited while the game runs.`
}

/** Returns what a page is probably played with, before somebody plays. */
export function likelyDevice(): Device {
  if (navigator.getGamepads?.().some((pad) => pad?.connected)) return 'pad'
  return matchMedia('(pointer: coarse)').matches ? 'touch' : 'keys'
}
